import type { DocumentRule } from '../document-rule.ts';
import { OVERRIDE_RULES } from './overrides.ts';

/** Every rule over the rendered documents, in the order in which findings are reported. */
export const DOCUMENT_RULES: readonly DocumentRule[] = [...OVERRIDE_RULES];
