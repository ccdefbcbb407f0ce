/** The definition that an example stands for, whole, as a user writes it. */

import * as language from 'claude-bottle';
import { transformSync } from 'esbuild';

const EXPORTED = Object.keys(language);

const declaresApp = (statements: string): boolean => /\bconst app = /.test(statements);

/** Imports, the app, the statements of the example, and synth. */
export function definitionText(statements: string): string {
  const body = statements.trim();
  const app = declaresApp(body) ? '' : 'const app = new App();\n\n';
  const text = `${app}${body}\n\napp.synth();\n`;
  const used = EXPORTED.filter((name) => new RegExp(`\\b${name}\\b(?!:)`).test(text));
  const named = `import { ${used.join(', ')} } from 'claude-bottle';`;
  const wrapped = `import {\n${used.map((name) => `  ${name},\n`).join('')}} from 'claude-bottle';`;
  return `${named.length > 100 ? wrapped : named}\n\n${text}`;
}

/** Runs a definition of {@link definitionText} in this process, with this package for `claude-bottle`. */
export function runDefinition(definition: string): void {
  const body = definition.replace(/^import [^;]*;\n/, '');
  const { code } = transformSync(body, { loader: 'ts' });
  new Function(...EXPORTED, code)(...Object.values(language));
}
