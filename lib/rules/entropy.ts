/** Text that looks random: what a credential is when its issuer gives it no prefix. */

/** Signs of base64, base64url and hex in a row; thresholds as of detect-secrets, which counts bits a sign, too. */
const WORD = /[A-Za-z0-9+/_=-]{20,}/g;
const HEX = /^[0-9a-f]+$/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const BITS = { hex: 3, other: 4.3 } as const;
const HEX_LENGTH = 32;

/** Shannon entropy of `text` in bits a sign. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function isRandom(word: string): boolean {
  if (UUID.test(word)) return false;
  if (HEX.test(word)) return word.length >= HEX_LENGTH && entropyOf(word) > BITS.hex;
  // Paths and words have letters of one case or no digits; keys of 20 signs and more have all three.
  return /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) && entropyOf(word) > BITS.other;
}

/** Whether some part of `text` looks random. A digest that says that it is one, as in `sha256:…`, does not count. */
export function looksRandom(text: string): boolean {
  return (text.replace(/\bsha(?:1|256|384|512)[:-][A-Za-z0-9+/=]+/gi, '').match(WORD) ?? []).some(isRandom);
}
