/**
 * The field's core token formats, as their issuers document them: what the secretlint preset does not know, or knows
 * only in company (an AWS access key id without its secret). Names and severities are pipelock's where it has the kind,
 * since they appear in refusals. Every repetition is bounded or ends where the next one starts: the text is the agent's,
 * and a pattern that backtracks would be its lever.
 *
 * No pattern wants a boundary before a distinctive prefix: gluing a letter to a token must not hide it. Where the
 * prefix also occurs in words (`task-ant-…`), what follows has to look random instead.
 */

export interface SecretPattern {
  readonly name: string;
  readonly severity: 'critical' | 'high';
  readonly pattern: RegExp;
  /** A second opinion on what the pattern matched. */
  readonly confirm?: (match: RegExpExecArray) => boolean;
}

const critical = (name: string, pattern: RegExp): SecretPattern => ({ name, severity: 'critical', pattern });
const high = (name: string, pattern: RegExp): SecretPattern => ({ name, severity: 'high', pattern });

/** Whether what matched has a digit and letters of both cases, as random base62 of its length all but surely has. */
const looksRandom = ([token]: RegExpExecArray): boolean =>
  /\d/.test(token) && /[A-Z]/.test(token) && /[a-z]/.test(token);

const critical62 = (name: string, pattern: RegExp): SecretPattern => ({
  ...critical(name, pattern),
  confirm: looksRandom,
});

/** Whether `text` ends in a JOSE header, in base64url: any three words with dots between them are not yet a token. */
function endsInJoseHeader(text: string): boolean {
  for (let at = text.indexOf('eyJ'); at >= 0; at = text.indexOf('eyJ', at + 1)) {
    try {
      const header: unknown = JSON.parse(Buffer.from(text.slice(at), 'base64url').toString('utf8'));
      if (typeof header === 'object' && header !== null && 'alg' in header) return true;
    } catch {
      // Not from here; something may be glued before the header.
    }
  }
  return false;
}

export const CORE_PATTERNS: readonly SecretPattern[] = [
  // But for a genome: ACCA with the other bases behind it.
  critical(
    'AWS Access ID',
    /(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)(?![ACGTN]{16})[A-Z0-9]{16}/,
  ),
  critical('AWS Secret Key', /secret[_ .-]?(?:access)?[_ .-]?key["'\]\s:=>]{1,8}[A-Za-z0-9/+=]{40}(?![A-Za-z0-9/+=])/i),
  critical('GitHub Token', /gh[pousr]_[A-Za-z0-9]{36}/),
  critical('GitHub Fine-Grained PAT', /github_pat_[A-Za-z0-9_]{36}/),
  critical('GitLab PAT', /gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-[A-Za-z0-9_-]{20}/),
  critical('Anthropic API Key', /sk-ant-(?:api|admin|oat|ort|sid)\d{2}-[A-Za-z0-9_-]{10}/),
  critical62('Anthropic API Key', /sk-ant-[A-Za-z0-9_-]{16,}/),
  critical62('OpenAI API Key', /sk-(?:proj|admin)-[A-Za-z0-9_-]{20,}/),
  critical62('OpenAI Service Key', /sk-svcacct-[A-Za-z0-9_-]{20,}/),
  critical('OpenAI API Key', /sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}/),
  critical62('OpenAI API Key', /(?<![A-Za-z0-9])sk-[A-Za-z0-9]{32,64}(?![A-Za-z0-9])/),
  critical62('OpenRouter API Key', /sk-or-v1-[a-f0-9]{64}/i),
  high('Google API Key', /AIza[0-9A-Za-z_-]{35}/),
  critical('Google OAuth Client Secret', /GOCSPX-[A-Za-z0-9_-]{28}/),
  critical('Google OAuth Token', /ya29\.[A-Za-z0-9_-]{20}/),
  critical('Stripe Key', /[sr]k_(?:live|test)_[A-Za-z0-9]{20}/),
  critical('Stripe Webhook Secret', /whsec_[A-Za-z0-9+/]{24}/),
  critical('Slack Token', /xox[abeoprs]-[0-9A-Za-z-]{15}/),
  critical('Slack App Token', /xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{16}/),
  high(
    'Slack Webhook URL',
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/T[A-Z0-9]{6,}\/[A-Za-z0-9]{6,}\/[A-Za-z0-9]{20}/,
  ),
  critical('Discord Bot Token', /[MNO][A-Za-z\d]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}/),
  critical('npm Token', /npm_[A-Za-z0-9]{36}/),
  critical('PyPI Token', /pypi-AgE[A-Za-z0-9_-]{16}/),
  critical('crates.io Token', /(?<![A-Za-z0-9])cio[A-Za-z0-9]{32}(?![A-Za-z0-9])/),
  critical('Docker Hub Token', /dckr_(?:pat|oat)_[A-Za-z0-9_-]{20}/),
  critical('Hugging Face Token', /hf_[A-Za-z0-9]{30}/),
  critical('Databricks Token', /dapi[a-f0-9]{32}/),
  critical('Replicate API Token', /(?<![A-Za-z0-9])r8_[A-Za-z0-9]{30}/),
  critical('Groq API Key', /gsk_[A-Za-z0-9]{48}/),
  critical('xAI API Key', /xai-[A-Za-z0-9_-]{70}/),
  critical('SendGrid API Key', /SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/),
  high('Twilio API Key', /(?<![A-Za-z0-9])SK[a-f0-9]{32}(?![A-Za-z0-9])/),
  high('Mailgun API Key', /(?<![A-Za-z0-9])key-[a-f0-9]{32}(?![A-Za-z0-9])/),
  critical('DigitalOcean Token', /do[opr]_v1_[a-f0-9]{64}/),
  critical('HashiCorp Vault Token', /hv[sbr]\.[A-Za-z0-9_-]{23}/),
  critical('Terraform Cloud Token', /\.atlasv1\.[A-Za-z0-9_-]{60}/),
  critical('Supabase Service Key', /sb_secret_[A-Za-z0-9_-]{20}/),
  critical('New Relic API Key', /NRAK-[A-Z0-9]{27}/),
  high('Linear API Key', /lin_(?:api|oauth)_[A-Za-z0-9]{40}/),
  high('Notion API Key', /ntn_[A-Za-z0-9]{40}/),
  high('Sentry Auth Token', /sntr(?:ys|yu)_[A-Za-z0-9+/=_-]{40}/),
  critical('Tailscale Key', /tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{6,}-[A-Za-z0-9]{16}/),
  critical('age Secret Key', /AGE-SECRET-KEY-1[0-9A-Z]{58}/),
  critical(
    'Private Key Header',
    /-----BEGIN[ \t+]?[A-Z0-9 +]{0,20}PRIVATE[ +]?KEY(?:[ +]?BLOCK)?-----(?:\s|\\[nr]|(?:Proc-Type|DEK-Info|Version|Comment):[^\r\n\\]{0,200}(?:[\r\n]|\\[nr]))*[A-Za-z0-9+/]{32}/,
  ),
  critical('PuTTY Private Key', /PuTTY-User-Key-File-\d:/),
  {
    // Looked for from its middle, so that a run of beginnings costs nothing.
    ...high('JWT Token', /\.eyJ(?<=(eyJ[A-Za-z0-9_-]{10,400})\.eyJ)[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{16}/),
    confirm: ([, header = '']) => endsInJoseHeader(header),
  },
];

/** The same patterns for places whose letters arrive in one case: host labels, header names. */
export const CASELESS_PATTERNS: readonly SecretPattern[] = CORE_PATTERNS.filter(
  ({ confirm }) => confirm === undefined,
).map((entry) => ({ ...entry, pattern: new RegExp(entry.pattern.source, 'i') }));

/** The first of `patterns` that `text` has. */
export function firstMatch(text: string, patterns: readonly SecretPattern[]): SecretPattern | undefined {
  for (const entry of patterns) {
    const { pattern, confirm } = entry;
    if (confirm === undefined) {
      if (pattern.test(text)) return entry;
      continue;
    }
    for (const match of text.matchAll(new RegExp(pattern.source, `${pattern.flags}g`))) {
      if (confirm(match)) return entry;
    }
  }
  return undefined;
}
