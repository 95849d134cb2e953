/** The logger: what is written, what is hidden, and that the last lines survive an exit. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { silentLogger } from './log.ts';
import { Secret } from './secret.ts';

test('a field whose key can hold a secret is redacted at any depth', () => {
  const log = silentLogger();
  log.info({ apiKey: 'k', inner: [{ secretKey: 's', passphrase: 'p', Authorization: 'a', symbol: 'BTCUSDT' }] }, 'm');
  expect(log.entries[0]?.fields).toEqual({
    apiKey: '[redacted]',
    inner: [{ secretKey: '[redacted]', passphrase: '[redacted]', Authorization: '[redacted]', symbol: 'BTCUSDT' }],
  });
});

test('a Secret under any key is redacted', () => {
  const log = silentLogger();
  log.warn({ held: new Secret('hunter2') }, 'm');
  expect(JSON.stringify(log.entries)).not.toContain('hunter2');
});

test('huge, deep, cyclic and odd values make a bounded line', () => {
  const log = silentLogger();
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  log.info({ text: 'x'.repeat(10_000_000), list: new Array(5_000).fill(1), cyclic, n: Number.NaN, b: 5n }, 'm');
  const line = JSON.stringify(log.entries[0]);
  expect(line.length).toBeLessThan(8_000);
  expect(log.entries[0]?.fields).toMatchObject({ n: 'NaN', b: '5' });
});

test('a child adds its fields to every line', () => {
  const log = silentLogger();
  log.child({ account: 'a' }).child({ lane: 'order' }).error({ seq: 1 }, 'm');
  expect(log.entries).toEqual([{ level: 'error', message: 'm', fields: { account: 'a', lane: 'order', seq: 1 } }]);
});

function runLogger(level: string) {
  const script = `
    import { createLogger } from ${JSON.stringify(join(import.meta.dir, 'log.ts'))};
    const log = createLogger({ name: 'engine', level: '${level}', destination: 'stderr' });
    for (let n = 0; n < 500; n++) log.info({ n }, 'line');
    log.debug({ error: new Error('boom') }, 'last');
    process.exit(0);`;
  const run = Bun.spawnSync([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'pipe' });
  const lines = run.stderr.toString().trim().split('\n');
  return { lines: lines.map((line): unknown => JSON.parse(line)), stdout: run.stdout.toString() };
}

test('every line logged before process.exit is written, as JSON with time, level and name', () => {
  const { lines, stdout } = runLogger('info');
  expect(lines).toHaveLength(500);
  expect(lines[499]).toMatchObject({ level: 'info', name: 'engine', n: 499, msg: 'line' });
  expect(lines[0]).toMatchObject({ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
  expect(stdout).toBe('');
});

test('a stack is logged at the debug level only', () => {
  expect(runLogger('debug').lines.at(-1)).toMatchObject({ error: { message: 'boom', stack: expect.any(String) } });
  const log = silentLogger();
  log.info({ error: new Error('boom') }, 'm');
  expect(log.entries[0]?.fields).toMatchObject({ error: { name: 'Error', message: 'boom' } });
});
