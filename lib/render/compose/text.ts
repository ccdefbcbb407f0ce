/** `text` as compose reads it back: a `$` would start an interpolation (compose specification, "Interpolation"). */
export function composeText(text: string): string {
  return text.replaceAll('$', '$$$$');
}
