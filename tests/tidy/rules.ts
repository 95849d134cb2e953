/**
 * The rules of the house that a machine can check. A rule names what it wants and returns, for one file, a line for
 * each offence. `tidy.test.ts` runs them over the repository, and each over its canary: a sample that must offend.
 */
import { basename } from 'node:path/posix';
import type { Source } from './source.ts';

export interface Rule {
  readonly name: string;
  readonly offences: (file: Source) => readonly string[];
  /** A file that breaks the rule: path and text. */
  readonly canary: readonly [path: string, text: string];
}

const MAX_LINES = 400;

const isTest = (path: string) => /\.test\.ts$|\/testing\/|^tests\/|^bench\//.test(path);
const isTool = (path: string) => isTest(path) || path.startsWith('scripts/');
const isMain = (path: string) => basename(path) === 'main.ts';

/** Which workspace a path or an import names. */
function workspaceOf(name: string): string | undefined {
  return /^(?:@trunkline\/|apps\/|packages\/)?(engine|connector|sim|conformance|kit|proto)(?:\/|$)/.exec(name)?.[1];
}

const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  proto: ['proto'],
  kit: ['kit', 'proto'],
  sim: ['sim', 'kit', 'proto'],
  conformance: ['conformance', 'kit', 'proto'],
  connector: ['connector', 'kit', 'proto'],
  engine: ['engine', 'kit', 'proto'],
};

const GRPC_HOMES = [
  /^proto\/(gen|src\/link)\//,
  /^proto\/src\/status[\w-]*\.ts$/,
  /^apps\/connector\/src\/(server[\w.-]*\.ts|server\/)/,
  /^apps\/connector\/src\/[\w/-]*(health|reflection)[\w-]*\.ts$/,
  /^apps\/engine\/src\/exchange\/remote-exchange[\w-]*\.ts$/,
  /^apps\/engine\/src\/(link|gateway)\//,
  /^apps\/conformance\/src\/wire\//,
];

export const RULES: readonly Rule[] = [
  {
    name: 'the contract imports no app and no kit, the kit only the contract, an app no other app',
    offences: ({ path, imports }) => {
      const allowed = isTest(path) ? undefined : MAY_USE[workspaceOf(path) ?? ''];
      const used = imports.filter((name) => name.startsWith('@trunkline/') || /^(apps|packages|proto)\//.test(name));
      return used
        .filter((name) => allowed && !allowed.includes(workspaceOf(name) ?? ''))
        .map((name) => `imports ${name}`);
    },
    canary: ['apps/engine/src/x.ts', "import { y } from '@trunkline/connector/y';"],
  },
  only(
    'ccxt',
    /^ccxt(\/|$)/,
    [/^apps\/connector\/src\/venues\//, /^tests\//, /^bench\//],
    'apps/connector/src/core.ts',
  ),
  only(
    'drizzle-orm',
    /^drizzle-/,
    [/^apps\/engine\/src\/journal\//, /^apps\/engine\/drizzle[\w.-]*\.ts$/],
    'apps/engine/src/orders/x.ts',
  ),
  only('hono', /^(hono|@hono)(\/|$)/, [/\/http\//], 'apps/engine/src/orders/x.ts'),
  only(
    '@grpc/grpc-js',
    /^@grpc\//,
    [...GRPC_HOMES, /\.test\.ts$|\/testing\//, /^(tests|bench)\//],
    'apps/engine/src/orders/x.ts',
  ),
  {
    name: 'no venue imports another venue',
    offences: ({ path, imports }) => {
      const venue = venueOf(path);
      const others = imports.filter((name) => venueOf(name) !== undefined && venueOf(name) !== venue);
      return venue === undefined ? [] : others.map((name) => `imports ${name}`);
    },
    canary: ['apps/sim/src/venues/gate/x.ts', "import { y } from '../binance-usdm/y.ts';"],
  },
  {
    name: 'only main.ts, tests and scripts read the environment or make the real clock',
    offences: ({ path, code }) => {
      if (isMain(path) || isTool(path) || path === 'proto/src/clock.ts') return [];
      return lines(code, /\bprocess\.env\b|\bBun\.env\b|\bsystemClock\(/);
    },
    canary: ['apps/engine/src/x.ts', 'const home = process.env;'],
  },
  {
    name: `no file has more than ${MAX_LINES} lines`,
    offences: ({ text }) => {
      const count = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
      return count > MAX_LINES ? [`has ${count} lines`] : [];
    },
    canary: ['apps/engine/src/x.ts', '\n'.repeat(MAX_LINES + 1)],
  },
  {
    name: 'nothing is left for later in a comment',
    offences: ({ text }) => lines(text, new RegExp(`\\b(${['TO', 'FIX', 'X'].join('|')})(DO|ME|XX)\\b`)),
    canary: ['apps/engine/src/x.ts', `// ${'TO'}${'DO'}: later`],
  },
  {
    name: 'no any',
    offences: ({ code }) => lines(code, /(?:[:<|&,=([]|\b(?:extends|keyof|is))\s*any\b(?!\s*[:(=.])/),
    canary: ['apps/engine/src/x.ts', 'let x: any;'],
  },
  {
    name: 'no cast but `as const`',
    offences: ({ code }) => lines(withoutRenames(code), /[\w)\]}'"`]\s+as\s+(?!const\b)[\w{[('"]/),
    canary: ['apps/engine/src/x.ts', 'const x = JSON.parse(y) as Order;'],
  },
  {
    name: 'no non-null assertion',
    offences: ({ code }) => lines(code, /[\w)\]]!(?=[.;,)\]\s[])(?!\s*=)/),
    canary: ['apps/engine/src/x.ts', 'const x = list[0]!.y;'],
  },
  {
    name: 'nothing silences the compiler or the linter',
    offences: ({ text }) =>
      lines(text, new RegExp(['@ts', '-(ignore|expect-error|nocheck)|biome', '-ignore'].join(''))),
    canary: ['apps/engine/src/x.ts', `// @ts${'-'}ignore`],
  },
  {
    name: 'no path of a machine',
    offences: ({ text }) => lines(text, new RegExp(['(?<![\\w.])/(?:ho', 'me|ro', 'ot|Us', 'ers|wo', 'rk)/'].join(''))),
    canary: ['apps/engine/src/x.ts', `const folder = '/${'home'}/me/x';`],
  },
  {
    name: 'file names are kebab-case',
    offences: ({ path }) => (/^[a-z0-9]+(?:[-.][a-z0-9]+)*\.ts$/.test(basename(path)) ? [] : ['is not kebab-case']),
    canary: ['apps/engine/src/orderManager.ts', ''],
  },
  {
    name: 'every source file starts with a comment that says what it is',
    // The names of its tests say what a test file is about.
    offences: ({ path, text }) =>
      path.endsWith('.test.ts') || /^(?:#![^\n]*\n)?\s*(?:\/\*\*|\/\/)\s*\S/.test(text)
        ? []
        : ['has no header comment'],
    canary: ['apps/engine/src/x.ts', 'export const x = 1;'],
  },
];

function only(title: string, library: RegExp, homes: readonly RegExp[], elsewhere: string): Rule {
  return {
    name: `${title} is imported only where it belongs`,
    offences: ({ path, imports }) => {
      if (homes.some((home) => home.test(path))) return [];
      return imports.filter((name) => library.test(name)).map((name) => `imports ${name}`);
    },
    canary: [elsewhere, `import { x } from '${title}';`],
  };
}

/** The venue family of a path below a `venues` folder: `binance` for `venues/binance-usdm/rest.ts`. */
function venueOf(path: string): string | undefined {
  return /\/venues\/(binance|bitget|gate)\b/.exec(path)?.[1];
}

/** Imports and exports rename with `as`, and mapped types remap keys; neither is a cast. */
function withoutRenames(code: string): string {
  const blanked = (part: string) => part.replace(/[^\n]/g, ' ');
  return code
    .replace(/\b(?:import|export)\s+(?:type\s+)?(?:\w+\s*,\s*)?(?:\{[^}]*\}|\*\s+as\s+\w+)/g, blanked)
    .replace(/\bin\s+keyof\s+\w+\s+as\b/g, blanked);
}

function lines(text: string, pattern: RegExp): string[] {
  return text.split('\n').flatMap((line, index) => {
    return pattern.test(line) ? [`line ${index + 1}: ${line.trim().slice(0, 80)}`] : [];
  });
}
