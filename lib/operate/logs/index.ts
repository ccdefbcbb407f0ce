export { type BottleLogOptions, bottleLog, type LogSelection, savedBottleLog } from './bottle-log.ts';
export { containerLines } from './container-log.ts';
export {
  LOG_SOURCES,
  type LogEvent,
  type LogLine,
  type LogSource,
  logEvent,
  logLine,
  logSourceNamed,
} from './log-line.ts';
export { type Refusal, refusalIn } from './refusals.ts';
export { LOGS_DIRECTORY, savedLogName, savedLogs, teardownStamp } from './saved-logs.ts';
export { sinceMoment } from './since.ts';
