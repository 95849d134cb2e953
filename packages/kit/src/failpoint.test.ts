/** Failpoints: they act on exactly the pass they name, and do nothing otherwise. */
import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { armFailpoints, FailpointError, failpoint } from './failpoint.ts';
import { ConfigError } from './operating-error.ts';

afterEach(() => armFailpoints(undefined));

/** On which of ten passes the place threw. */
function throwingPasses(name: string): number[] {
  return Array.from({ length: 10 }, (_, index) => index + 1).filter(() => {
    try {
      failpoint(name);
      return false;
    } catch (error) {
      if (error instanceof FailpointError) return true;
      throw error;
    }
  });
}

test('a place that is not armed does nothing', () => {
  expect(armFailpoints('other=throw@1')).toBeUndefined();
  expect(throwingPasses('engine.afterCommit')).toEqual([]);
});

test('an action happens on exactly the pass it names', () => {
  armFailpoints('a.b=throw@3, c=throw, a.b=throw@7');
  expect(throwingPasses('a.b')).toEqual([3, 7]);
  expect(throwingPasses('c')).toEqual([1]);
});

test('an empty text disarms', () => {
  armFailpoints('a=throw');
  armFailpoints('');
  expect(throwingPasses('a')).toEqual([]);
});

test.each([
  'a',
  'a=',
  'a=die',
  'a=kill@0',
  'a=kill@x',
  'a=sleep',
  'a=sleep:-1',
  'a=sleep:999999',
  '=kill',
  'a=throw;b=throw',
])('the plan %j is refused and the present plan stays', (plan) => {
  armFailpoints('kept=throw@1');
  const problem = armFailpoints(plan);
  expect(problem).toBeInstanceOf(ConfigError);
  expect(problem?.message).toContain('allowed: place=kill|throw|sleep:MS');
  expect(throwingPasses('kept')).toEqual([1]);
});

test('kill ends the process by SIGKILL at the named pass, before anything after it', () => {
  const script = `
    import { armFailpoints, failpoint } from ${JSON.stringify(join(import.meta.dir, 'failpoint.ts'))};
    armFailpoints('x=kill@3');
    for (let pass = 1; pass < 9; pass++) { failpoint('x'); console.log(pass); }`;
  const run = Bun.spawnSync([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'pipe' });
  expect(run.signalCode).toBe('SIGKILL');
  expect(run.stdout.toString()).toBe('1\n2\n');
});
