/** Scans segments in batches and proves for each batch that all of it was read. */

import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { type RawFinding, ScanError } from './gitleaks.ts';
import { gluedKeys } from './glued-keys.ts';
import { CANARY_RULE, scanText } from './scan-text.ts';
import type { ScanItem, Segment } from './segment.ts';

export interface Finding {
  readonly rule: string;
  readonly item: ScanItem;
  /** Line of the item, from 1, where that is known. */
  readonly line?: number;
}

export type Scanner = (input: Buffer, timeoutMs: number) => Promise<RawFinding[]>;

/** Bytes of one batch; a run costs 35 ms, so small pushes are one, and gitleaks reads 2 MB a second. */
const BATCH = 2 * 1024 * 1024;
/** gitleaks uses one processor for one input. More at a time would take the memory of the other daemons. */
const AT_ONCE = Math.min(2, availableParallelism());
/** Findings after which no more are looked for: the push is rejected anyway. */
const ENOUGH = 20_000;

/** What one batch gave, kept apart so that the order of the findings does not depend on which batch ends first. */
interface BatchFindings {
  readonly byRules: Finding[];
  readonly glued: Finding[];
}

export class Scan {
  readonly #scanner: Scanner;
  readonly #deadline: number;
  #pending: Segment[] = [];
  #pendingBytes = 0;
  readonly #batches: BatchFindings[] = [];
  readonly #running = new Set<Promise<void>>();
  #failure: unknown;
  #found = 0;

  /** `timeoutMs` is for all of it. */
  constructor(scanner: Scanner, timeoutMs: number) {
    this.#scanner = scanner;
    this.#deadline = Date.now() + timeoutMs;
  }

  async add(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      if (this.#found > ENOUGH) return;
      this.#pending.push(segment);
      this.#pendingBytes += segment.bytes.length;
      if (this.#pendingBytes >= BATCH) await this.#flush();
    }
  }

  /** What was found. Throws a {@link ScanError} unless every byte that was added has been scanned. */
  async end(): Promise<Finding[]> {
    if (this.#pending.length > 0) await this.#flush();
    await Promise.all(this.#running);
    if (this.#failure !== undefined) throw this.#failure;
    return this.#merged();
  }

  /** Starts the scan of what is pending as soon as there is room for it. */
  async #flush(): Promise<void> {
    const segments = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    while (this.#running.size >= AT_ONCE) await Promise.race(this.#running);
    if (this.#failure !== undefined) throw this.#failure;
    const batch: BatchFindings = { byRules: [], glued: [] };
    this.#batches.push(batch);
    const run: Promise<void> = this.#scan(segments, batch)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #scan(segments: readonly Segment[], batch: BatchFindings): Promise<void> {
    await this.#judge(segments, batch.byRules);
    for (const { item, bytes, line } of segments) {
      this.#timeLeft();
      for (const { rule, line: within } of gluedKeys(bytes)) {
        const at = line === undefined || within === undefined ? {} : { line: line + within };
        batch.glued.push({ rule, item, ...at });
      }
      // The other batch's gitleaks waits for its input.
      await setImmediate();
    }
    this.#found += batch.byRules.length + batch.glued.length;
  }

  /** All findings, each once: segments overlap, and what gitleaks has seen on a line is not said again. */
  #merged(): Finding[] {
    const findings = new Map<string, Finding>();
    const lines = new Map<ScanItem, Set<number | undefined>>();
    const note = (finding: Finding): void => {
      findings.set(JSON.stringify([finding.rule, finding.item, finding.line]), finding);
      const known = lines.get(finding.item) ?? new Set();
      lines.set(finding.item, known.add(finding.line));
    };
    for (const { byRules } of this.#batches) byRules.forEach(note);
    for (const finding of this.#batches.flatMap(({ glued }) => glued)) {
      const known = lines.get(finding.item);
      if (finding.line === undefined ? known === undefined : known?.has(finding.line) !== true) note(finding);
    }
    return [...findings.values()];
  }

  #timeLeft(): number {
    const left = this.#deadline - Date.now();
    if (left <= 0) throw new ScanError('the scan takes too long');
    return left;
  }

  async #judge(segments: readonly Segment[], findings: Finding[]): Promise<void> {
    const left = this.#timeLeft();
    const text = scanText(segments);
    const found = await this.#scanner(text.bytes, left);
    for (const line of text.canaryLines) {
      if (!found.some(({ rule, startLine }) => rule === CANARY_RULE && startLine === line)) {
        throw new ScanError('gitleaks did not find the canary');
      }
    }
    let across = false;
    for (const { rule, startLine, endLine } of found) {
      if (text.canaryLines.includes(startLine)) continue;
      const first = text.segmentAt(startLine);
      const segment = segments[first];
      if (segment === undefined) continue;
      if (segment.item !== segments[text.segmentAt(endLine)]?.item && segments.length > 1) across = true;
      else {
        const { item, line } = segment;
        findings.push({
          rule,
          item,
          ...(line === undefined ? {} : { line: line + text.lineWithin(first, startLine) }),
        });
      }
    }
    // A match from one item into another is no secret by itself, but may hide one: look at the items apart.
    if (across) {
      const middle = segments.length >> 1;
      await this.#judge(segments.slice(0, middle), findings);
      await this.#judge(segments.slice(middle), findings);
    }
  }
}
