/** Findings with colours. */

import { findingLines } from '../assembly/finding-text.ts';
import type { Finding } from '../plan/index.ts';
import { piece, type Styled } from './styled.ts';

export const styledFindings = (findings: readonly Finding[]): Styled =>
  findingLines(findings).flatMap(({ severity, indent, text }, index) => [
    index === 0 ? indent : `\n${indent}`,
    ...(severity === undefined
      ? [text]
      : [piece(severity === 'error' ? 'red' : 'yellow', severity), ' ', piece('bold', text)]),
  ]);
