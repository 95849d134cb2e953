/** Processes: lines, exits, groups, signals, and that nobody outlives a killed parent. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { systemClock } from '@trunkline/proto/clock';
import { type ChildExit, spawnChild } from './child.ts';

const PROCESS = JSON.stringify(join(import.meta.dir, 'process.ts'));
const CHILD = JSON.stringify(join(import.meta.dir, 'child.ts'));

/** A child that prints `ready` and then follows the script. */
const OBEDIENT = `
  import { exitWithParent, shutdownSignal } from ${PROCESS};
  const stop = shutdownSignal();
  stop.addEventListener('abort', () => { console.log('stopping ' + stop.reason); process.exit(0); });
  exitWithParent(process.env, () => process.exit(7));
  setInterval(() => {}, 1000);
  console.log('ready ' + process.pid);`;

function start(script: string) {
  const lines: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = [];
  const child = spawnChild({
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    clock: systemClock(),
    onLine: (line) => {
      lines.push(line);
      for (const each of waiting) if (each.pattern.test(line)) each.resolve(line);
    },
    onErrorLine: (line) => lines.push(`stderr: ${line}`),
  });
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const seen = lines.find((each) => pattern.test(each));
      if (seen !== undefined) resolve(seen);
      else waiting.push({ pattern, resolve });
    });
  return { child, lines, line };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await Bun.sleep(5);
}

test('lines arrive whole, the last one also without a line break, and the exit code after them', async () => {
  const { child, lines } = start(
    `process.stdout.write('a\\nb'); process.stdout.write('c\\n\\nd'); process.exitCode = 3;`,
  );
  expect(await child.exited).toEqual({ kind: 'exited', code: 3 });
  expect(lines).toEqual(['a', 'bc', '', 'd']);
});

test('a command that does not exist is a failed exit that names it', async () => {
  const child = spawnChild({ command: '/none/such', args: [], env: {}, clock: systemClock(), onLine: () => {} });
  const exit: ChildExit = await child.exited;
  expect(exit.kind === 'failed' && exit.error.message).toContain('/none/such: no such file');
});

test('terminate sends SIGTERM, and a child that obeys exits 0', async () => {
  const { child, line, lines } = start(OBEDIENT);
  await line(/^ready/);
  expect(await child.terminate(10_000)).toEqual({ kind: 'exited', code: 0 });
  expect(lines).toContain('stopping SIGTERM');
});

test('terminate kills a child that ignores SIGTERM, and what that child started', async () => {
  const { child, line } = start(`
    process.on('SIGTERM', () => {});
    const inner = Bun.spawn(['sleep', '60']);
    setInterval(() => {}, 1000);
    console.log('inner ' + inner.pid);`);
  const inner = Number((await line(/^inner/)).split(' ')[1]);
  expect(await child.terminate(50)).toEqual({ kind: 'signaled', signal: 'SIGKILL' });
  await gone(inner);
});

test('a signal that comes twice at once is one; a later one ends a process that is still stopping, with exit 1', async () => {
  const { child, line } = start(`
    import { shutdownSignal } from ${PROCESS};
    const stop = shutdownSignal();
    stop.addEventListener('abort', () => {
      console.log('stopping');
      process.kill(process.pid, 'SIGINT');
      setTimeout(() => console.log('still here'), 600);
    });
    setInterval(() => {}, 1000);
    console.log('ready');`);
  await line(/^ready/);
  child.kill('SIGINT');
  await line(/^still here/);
  child.kill('SIGINT');
  expect(await child.exited).toEqual({ kind: 'exited', code: 1 });
});

test('a child exits when its parent is killed by SIGKILL', async () => {
  const parent = start(`
    import { spawnChild } from ${CHILD};
    spawnChild({
      command: process.execPath,
      args: ['-e', ${JSON.stringify(OBEDIENT)}],
      env: process.env,
      clock: { schedule: () => ({ cancel() {} }), wallUs: () => 0, monotonicUs: () => 0 },
      onLine: (line) => console.log(line),
    });`);
  const grandchild = Number((await parent.line(/^ready/)).split(' ')[1]);
  expect(isAlive(grandchild)).toBe(true);
  process.kill(parent.child.pid ?? Number.NaN, 'SIGKILL');
  expect(await parent.child.exited).toEqual({ kind: 'signaled', signal: 'SIGKILL' });
  await gone(grandchild);
});

test('an orphan that does not leave by itself is ended', async () => {
  const script = `
    import { exitWithParent } from ${PROCESS};
    exitWithParent(process.env, () => console.log('told'), 100);
    setInterval(() => {}, 1000);`;
  const env = { ...process.env, TRUNKLINE_PARENT_PIPE: '1' };
  const orphan = Bun.spawn([process.execPath, '-e', script], { stdin: 'pipe', stdout: 'pipe', env });
  await orphan.stdin.end();
  expect(await orphan.exited).toBe(1);
  expect(await orphan.stdout.text()).toBe('told\n');
});

test('a process that was not started by spawnChild does not care about its stdin', () => {
  const script = `
    import { exitWithParent } from ${PROCESS};
    exitWithParent(process.env, () => process.exit(7));
    setTimeout(() => process.exit(0), 50);`;
  const env = { ...process.env, TRUNKLINE_PARENT_PIPE: undefined };
  expect(Bun.spawnSync([process.execPath, '-e', script], { stdin: 'ignore', env }).exitCode).toBe(0);
});
