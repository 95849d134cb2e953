/** The command line: typed values, help at every level, and one short line for every mistake. */
import { expect, test } from 'bun:test';
import {
  choice,
  command,
  commandGroup,
  decimalNumber,
  duration,
  flag,
  list,
  type Outcome,
  required,
  runCli,
  text,
  whole,
  withDefault,
  withDefaultMs,
} from './cli.ts';
import { silentLogger } from './log.ts';
import { OperatingError } from './operating-error.ts';

async function run(words: readonly string[], outcome: () => Outcome = () => undefined) {
  let received: unknown;
  const demo = command({
    name: 'demo',
    summary: 'Run everything here.',
    options: {
      for: duration('How long.'),
      json: flag('Only the summary.'),
      link: withDefault(choice('The link.', ['listen', 'dial']), 'dial'),
      seed: withDefault(whole('The seed.', { max: 999 }), 1),
      grace: withDefaultMs(duration('The grace.'), 10_000),
      price: decimalNumber('The price.'),
      connectors: list('Which.'),
    },
    args: {},
    run: ({ options }) => {
      received = options;
      return outcome();
    },
  });
  const verify = command({
    name: 'verify',
    summary: 'Check the chain.',
    options: {},
    args: { path: required(text('The journal.')) },
    run: ({ args }) => {
      received = args;
    },
  });
  const journal = commandGroup({ name: 'journal', summary: 'The journal.', commands: [verify] });
  const root = commandGroup({ name: 'engine', summary: 'The engine.', commands: [demo, journal] });
  const out: string[] = [];
  const err: string[] = [];
  const log = silentLogger();
  const stdout = (line: string) => out.push(line);
  const code = await runCli({ root, version: '1.2.3', words, stdout, stderr: (line) => err.push(line), log });
  return { code, out: out.join(''), err: err.join(''), received, log };
}

test('options and arguments arrive typed, with their defaults', async () => {
  const { code, received } = await run([
    'demo',
    '--for',
    '1.5s',
    '--json',
    '--price=-0.50',
    '--connectors',
    'a,b',
    '--connectors=c',
  ]);
  expect(code).toBe(0);
  expect(received).toEqual({
    for: 1_500,
    json: true,
    link: 'dial',
    seed: 1,
    grace: 10_000,
    price: '-0.5',
    connectors: ['a', 'b', 'c'],
  });
  expect((await run(['journal', 'verify', 'j.db'])).received).toEqual({ path: 'j.db' });
});

test.each([
  [['dmo'], 'unknown command "dmo"; did you mean demo?'],
  [['demo', '--sed', '1'], 'unknown option "--sed"; did you mean --seed?'],
  [['demo', '--seed', 'NaN'], '--seed: "NaN" is not allowed; it must be a whole number from 0 to 999'],
  [['demo', '--seed', '1000'], 'from 0 to 999'],
  [['demo', '--seed', '-1'], 'from 0 to 999'],
  [['demo', '--seed='], '--seed: "" is not allowed'],
  [['demo', '--for', '--json'], '--for needs a value'],
  [['demo', '--for'], '--for needs a value'],
  [['demo', '--price', '1e5'], '--price: "1e5" is not allowed'],
  [['demo', '--link', 'tunnel'], 'one of: listen, dial'],
  [['demo', '--json=yes'], '--json takes no value'],
  [['demo', '--seed', '1', '--seed', '2'], '--seed is given twice'],
  [['demo', 'extra'], 'unexpected argument "extra"'],
  [['demo', '-x'], 'unknown option "-x"'],
  [['demo', '--constructor', 'x'], 'unknown option "--constructor"'],
  [['journal', 'verify'], 'PATH is required'],
  [['journal', 'verify', 'x'.repeat(10_000_000)], '(10000000 characters)'],
  [['journal'], 'engine journal needs a command: verify'],
])('%j exits 2 with one short line', async (words, message) => {
  const { code, err, received } = await run(words);
  expect(code).toBe(2);
  const lines = err
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('error: '));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(message);
  expect(lines[0]?.length).toBeLessThan(300);
  expect(received).toBeUndefined();
});

test('--help explains each level on stdout and runs nothing', async () => {
  expect((await run(['--help'])).out).toContain('  journal  The journal.');
  expect((await run(['journal', '--help'])).out).toContain('Usage: engine journal COMMAND');
  const { code, out, received } = await run(['demo', '--seed', '1', '--help']);
  expect(code).toBe(0);
  expect(received).toBeUndefined();
  expect(out).toContain('--link listen|dial');
  expect(out).toContain('Default: 10s.');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('--version prints the version', async () => {
  expect((await run(['--version'])).out).toBe('1.2.3\n');
});

test('an operating error, returned or thrown, is one line and its own exit code', async () => {
  const returned = await run(['demo'], () => new OperatingError('disk\nfull', { exitCode: 1 }));
  expect([returned.code, returned.err]).toEqual([1, 'error: disk full\n']);
  const thrown = await run(['demo'], () => {
    throw new OperatingError('no', { exitCode: 2 });
  });
  expect([thrown.code, thrown.err]).toEqual([2, 'error: no\n']);
});

test('an error of the operating system is told in words', async () => {
  const { code, err } = await run(['demo'], () => {
    throw Object.assign(new Error('listen'), {
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port: 7001,
    });
  });
  expect(code).toBe(1);
  expect(err).toBe(
    'error: 127.0.0.1:7001: the address is in use by another process; choose another port (EADDRINUSE)\n',
  );
});

test('a bug exits 70 with one line, and its stack goes to the debug log only', async () => {
  const { code, err, log } = await run(['demo'], () => {
    throw new TypeError('x is not a function');
  });
  expect(code).toBe(70);
  expect(err).toMatch(/^error: this is a bug: x is not a function .*\n$/);
  expect(log.entries).toMatchObject([{ level: 'debug', fields: { error: { stack: expect.any(String) } } }]);
});
