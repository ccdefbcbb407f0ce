/** How a compose file writes a dollar sign (compose specification, "Interpolation"). */

/** `text` as compose reads it back: a `$` would start an interpolation. */
export const composeText = (text: string): string => text.replaceAll('$', '$$$$');

/** A text of a compose file as the container gets it, if compose puts nothing in. */
export const plainText = (text: string): string => text.replaceAll('$$', '$');

/** Whether compose puts something into `text`: a `$` that is not doubled. */
export const isInterpolated = (text: string): boolean => text.replaceAll('$$', '').includes('$');
