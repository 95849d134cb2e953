/** `engine halt` and `engine resume`: the kill switch from the command line, over the administration socket. */
import { type Command, command, required, text, withDefault } from '@trunkline/kit/cli';
import { ConfigError, OperatingError } from '@trunkline/kit/operating-error';
import { loadEngineConfig } from '../config.ts';
import { adminSocketPath, isServed, sendCommand } from '../http/admin-client.ts';
import type { CommandContext } from './command-context.ts';

const SUMMARY = {
  halt: 'Stop all new orders and cancel the open ones, of one account or of all.',
  resume: 'Let a halted account trade again.',
} as const;

export function createHaltCommand(action: 'halt' | 'resume', context: CommandContext): Command {
  return command({
    name: action,
    summary: SUMMARY[action],
    options: {
      config: text('the configuration file (default: trunkline.toml)', 'FILE'),
      state: text('the state folder of the running engine; without it the configured one', 'DIR'),
      account: withDefault(text('which account; * is all of them', 'NAME'), '*'),
      reason: required(text('why; journaled', 'TEXT', 500)),
      by: withDefault(text('who; journaled', 'NAME', 100), 'operator'),
    },
    args: {},
    examples: [`engine ${action} --reason "venue maintenance"`],
    async run({ options }) {
      const state = options.state ?? configuredState(options.config, context);
      if (state instanceof ConfigError) return state;
      const socket = adminSocketPath(state);
      if (!(await isServed(socket))) return new OperatingError(`no engine runs on ${state}`);
      const { account: scope, reason, by } = options;
      const refusal = await sendCommand(socket, action, { scope, reason, by });
      if (refusal !== undefined) return new OperatingError(refusal);
      context.out(`${action === 'halt' ? 'halted' : 'resumed'}: ${scope}\n`);
      return undefined;
    },
  });
}

function configuredState(path: string | undefined, context: CommandContext): string | ConfigError {
  const config = loadEngineConfig(path, context.env);
  return config instanceof ConfigError ? config : config.engine.state;
}
