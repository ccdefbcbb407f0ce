export * from './daemon-events.ts';
