/**
 * The repository's files as the tidy rules see them: path, text, code without comments and literals, and imports
 * resolved to paths of the repository.
 */
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';

export interface Source {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings and regular expressions blanked; lines stay in place. */
  readonly code: string;
  /** Packages as written; relative imports as paths from the root. */
  readonly imports: readonly string[];
}

export function source(path: string, text: string): Source {
  const imports = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map((match) => match[1] ?? '');
  const resolve = (name: string) => (name.startsWith('.') ? normalize(join(path, '..', name)) : name);
  return { path, text, code: blank(text), imports: imports.map(resolve) };
}

/** Every tracked or new file of the repository that is not ignored, with one of the given endings. */
export function listSources(root: string, endings: readonly string[]): Source[] {
  const command = ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = Bun.spawnSync(command, { cwd: root }).stdout.toString().split('\0');
  const wanted = [...new Set(listed)].filter((path) => endings.some((ending) => path.endsWith(ending)));
  return wanted.flatMap((path) => {
    const text = readIfPresent(join(root, path));
    return text === undefined ? [] : [source(path, text)];
  });
}

/** One alternative a kind of literal; a regular expression can only follow an operator or an opening bracket. */
const LITERALS =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:[!&|?{};+]\s*|return\s+|=>\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

function blank(text: string): string {
  return text.replace(LITERALS, (literal) => {
    // Expressions inside a template are code and stay.
    if (literal.startsWith('`'))
      return `\`${[...literal.matchAll(/\$\{([^}]*)\}|\n/g)].map((m) => m[1] ?? '\n').join(' ')}\``;
    return literal.replace(/[^\n]/g, ' ');
  });
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Listed by git, deleted in the working copy.
    return undefined;
  }
}
