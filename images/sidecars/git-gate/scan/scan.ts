/** Scans segments in batches and proves for each batch that all of it was read. */

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

/** Bytes of one batch; a run costs 35 ms, so small pushes are one. */
const BATCH = 8 * 1024 * 1024;

export class Scan {
  readonly #scanner: Scanner;
  readonly #deadline: number;
  #pending: Segment[] = [];
  #pendingBytes = 0;
  readonly #findings = new Map<string, Finding>();
  /** The lines of each item on which something was found. */
  readonly #lines = new Map<ScanItem, Set<number | undefined>>();

  /** `timeoutMs` is for all of it. */
  constructor(scanner: Scanner, timeoutMs: number) {
    this.#scanner = scanner;
    this.#deadline = Date.now() + timeoutMs;
  }

  async add(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      this.#pending.push(segment);
      this.#pendingBytes += segment.bytes.length;
      if (this.#pendingBytes >= BATCH) await this.#flush();
    }
  }

  /** What was found. Throws a {@link ScanError} unless every byte that was added has been scanned. */
  async end(): Promise<Finding[]> {
    await this.#flush();
    return [...this.#findings.values()];
  }

  async #flush(): Promise<void> {
    const segments = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (segments.length === 0) return;
    await this.#judge(segments);
    for (const segment of segments) this.#addGluedKeys(segment);
  }

  #note(finding: Finding): void {
    this.#findings.set(JSON.stringify([finding.rule, finding.item, finding.line]), finding);
    const lines = this.#lines.get(finding.item) ?? new Set();
    this.#lines.set(finding.item, lines.add(finding.line));
  }

  #timeLeft(): number {
    const left = this.#deadline - Date.now();
    if (left <= 0) throw new ScanError('the scan takes too long');
    return left;
  }

  /** Adds what gitleaks does not see, and does not say twice what it has seen. */
  #addGluedKeys({ item, bytes, line }: Segment): void {
    this.#timeLeft();
    for (const { rule, line: within } of gluedKeys(bytes)) {
      const known = this.#lines.get(item);
      if (line === undefined || within === undefined) {
        if (known === undefined) this.#note({ rule, item });
      } else if (known?.has(line + within) !== true) this.#note({ rule, item, line: line + within });
    }
  }

  async #judge(segments: readonly Segment[]): Promise<void> {
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
        this.#note({ rule, item, ...(line === undefined ? {} : { line: line + text.lineWithin(first, startLine) }) });
      }
    }
    // A match from one item into another is no secret by itself, but may hide one: look at the items apart.
    if (across) {
      const middle = segments.length >> 1;
      await this.#judge(segments.slice(0, middle));
      await this.#judge(segments.slice(middle));
    }
  }
}
