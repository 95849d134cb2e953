/** `engine certs init | issue | list`: the development authority and its certificates. */
import { type Command, choice, command, commandGroup, required, text, whole, withDefault } from '@trunkline/kit/cli';
import { OperatingError } from '@trunkline/kit/operating-error';
import { ROLES } from '@trunkline/proto/link/identity';
import { createAuthority, issueCertificate } from '../certs/authority.ts';
import { listCertificates } from '../certs/list.ts';
import { formatColumns } from './columns.ts';
import type { CommandContext } from './command-context.ts';

const folder = withDefault(text('the folder of the certificates', 'DIR'), 'certs');
const days = whole('how long it is valid, days', { min: 1, max: 10_000 });

export function createCertsCommand({ clock, out }: CommandContext): Command {
  const init = command({
    name: 'init',
    summary: 'Make a development authority: ca.pem and ca.key.',
    options: { dir: folder, days },
    args: {},
    examples: ['engine certs init --dir certs'],
    async run({ options }) {
      const made = await createAuthority({ folder: options.dir, clock, ...validDays(options.days) });
      if (!made.ok) return new OperatingError(made.message);
      out(`${made.paths.cert}\n${made.paths.key}\n`);
    },
  });
  const issue = command({
    name: 'issue',
    summary: 'Issue a certificate for one engine, connector or tool.',
    details: 'Its name is the one that configs grant rights to. An existing certificate is never overwritten.',
    options: {
      dir: folder,
      role: required(choice('who it is for', ROLES)),
      name: required(text('its name: 1 to 40 characters a-z, 0-9 and -, starting with a letter', 'NAME')),
      days,
    },
    args: {},
    examples: ['engine certs issue --role connector --name binance-1'],
    async run({ options }) {
      const { role, name } = options;
      const issued = await issueCertificate({ folder: options.dir, clock, role, name, ...validDays(options.days) });
      if (!issued.ok) return new OperatingError(issued.message);
      out(`${issued.paths.cert}\n${issued.paths.key}\n`);
    },
  });
  const list = command({
    name: 'list',
    summary: 'List the certificates of a folder and when they expire.',
    options: { dir: folder },
    args: {},
    async run({ options }) {
      const listed = await listCertificates({ folder: options.dir, clock });
      if (!listed.ok) return new OperatingError(listed.message);
      const rows = listed.certificates.map((each) => [
        each.identity ?? each.file,
        each.status,
        each.expiresAtMs === undefined ? '-' : new Date(each.expiresAtMs).toISOString(),
        each.daysLeft === undefined ? '-' : `${each.daysLeft} days`,
      ]);
      out(formatColumns(['IDENTITY', 'STATUS', 'EXPIRES', 'LEFT'], rows));
    },
  });
  return commandGroup({
    name: 'certs',
    summary: 'Make and list the certificates that engine and connectors know each other by.',
    commands: [init, issue, list],
  });
}

function validDays(given: number | undefined): { validDays?: number } {
  return given === undefined ? {} : { validDays: given };
}
