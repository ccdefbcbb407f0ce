/** A machine's APT sources, in both of their forms, and the same sources for another suite of Debian. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One place that packages come from.
 * @typedef {object} Source
 * @property {readonly string[]} uris
 * @property {readonly string[]} suites
 * @property {readonly string[]} components
 * @property {string} [signedBy] a keyring file
 */

/** @param {string | undefined} text */
const words = (text) => (text ?? '').split(/\s+/).filter((word) => word !== '');

/** The deb822 form: paragraphs of fields. @param {string} text @returns {Source[]} */
export function parseDeb822(text) {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((paragraph) => {
      /** @type {Map<string, string>} */
      const fields = new Map();
      let name = '';
      for (const line of paragraph.split('\n')) {
        const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
        name = field?.[1]?.toLowerCase() ?? name;
        fields.set(name, `${fields.get(name) ?? ''} ${field?.[2] ?? line}`.trim());
      }
      if (!words(fields.get('types')).includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') return [];
      return [
        source(
          words(fields.get('uris')),
          words(fields.get('suites')),
          words(fields.get('components')),
          fields.get('signed-by'),
        ),
      ];
    });
}

/** The one-line form: `deb [options] uri suite component…`. @param {string} text @returns {Source[]} */
export function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line.trim());
    if (match === null) return [];
    const [, options, uri = '', suite = '', components] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options ?? '')?.[1];
    return [source([uri], [suite], words(components), signedBy)];
  });
}

/**
 * @param {readonly string[]} uris
 * @param {readonly string[]} suites
 * @param {readonly string[]} components
 * @param {string | undefined} signedBy
 * @returns {Source}
 */
function source(uris, suites, components, signedBy) {
  return { uris, suites, components, ...(signedBy?.startsWith('/') ? { signedBy } : {}) };
}

/** All sources of a machine. @param {string} [folder] @returns {Source[]} */
export function machineSources(folder = '/etc/apt') {
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).sort() : [];
  /** @param {string} path */
  const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return [
    ...parseOneLine(read(join(folder, 'sources.list'))),
    ...names.filter((name) => name.endsWith('.list')).flatMap((name) => parseOneLine(read(join(parts, name)))),
    ...names.filter((name) => name.endsWith('.sources')).flatMap((name) => parseDeb822(read(join(parts, name)))),
  ];
}

/** Debian's own suites of a release: `<codename>`, `-updates`, `-security`. */
const PARTS = ['', '-updates', '-security'];

/**
 * The sources of Debian itself, for `suite` in place of `codename`, as one-line entries.
 *
 * @param {readonly Source[]} sources
 * @param {string} codename the machine's own release
 * @param {string} suite
 * @returns {string[]}
 */
export function sourcesOfSuite(sources, codename, suite) {
  const entries = sources.flatMap(({ uris, suites, components, signedBy }) =>
    PARTS.filter((part) => suites.includes(`${codename}${part}`) && components.includes('main')).flatMap((part) =>
      uris.map((uri) => `deb ${signedBy === undefined ? '' : `[signed-by=${signedBy}] `}${uri} ${suite}${part} main`),
    ),
  );
  return [...new Set(entries)];
}
