/**
 * Keeps the house in order: every rule of tests/tidy/rules.ts over every source file, and each rule over a sample that
 * breaks it, so that a rule that has gone blind is seen.
 */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { RULES } from './tidy/rules.ts';
import { listSources, source } from './tidy/source.ts';

const isGenerated = (path: string) => /^proto\/gen\/|\/migrations\//.test(path);
const sources = listSources(join(import.meta.dir, '..'), ['.ts']).filter(({ path }) => !isGenerated(path));

test('the source files are found', () => {
  expect(sources.map(({ path }) => path)).toContain('tests/tidy.test.ts');
});

for (const rule of RULES) {
  test(rule.name, () => {
    const offenders = sources.flatMap((file) => rule.offences(file).map((offence) => `${file.path}: ${offence}`));
    expect(offenders).toEqual([]);
  });

  test(`canary: "${rule.name}" sees an offence`, () => {
    expect(rule.offences(source(...rule.canary))).not.toEqual([]);
  });
}

test('text inside of comments, strings and regular expressions is not code', () => {
  const file = source(
    'apps/x/src/x.ts',
    "// x as Order\nconst a = 'y as Z'; const b = /'/; /* process.env */ const c = `q as R`;",
  );
  for (const rule of RULES.filter(({ name }) => !name.includes('comment'))) expect(rule.offences(file)).toEqual([]);
});

test('renames in imports and exports, as const and mapped keys are no casts', () => {
  const text = [
    '/** x */',
    "import { a as b, type c as d } from './e.ts';",
    "import * as f from './f.ts';",
    'export { b as g };',
    'const h = [1] as const;',
    'type I<T> = { [K in keyof T as `x`]: T[K] };',
    'if (h[0] != 2 && !b) d();',
  ].join('\n');
  const file = source('apps/x/src/x.ts', text);
  for (const rule of RULES) expect(rule.offences(file)).toEqual([]);
});
