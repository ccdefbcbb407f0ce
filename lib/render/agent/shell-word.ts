/** `text` as one word of a shell. */
export const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
