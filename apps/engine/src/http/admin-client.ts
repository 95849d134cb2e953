/** Talks to a running engine over its administration socket. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { type EngineStatus, engineStatusSchema } from '../orchestrator/engine-status.ts';

const TIMEOUT_MS = 5_000;
const refusalSchema = z.object({ error: z.string() });

export function adminSocketPath(stateFolder: string): string {
  return join(stateFolder, 'engine.sock');
}

/** The status of the engine behind the socket; rejects when none answers. */
export async function fetchStatus(socketPath: string): Promise<EngineStatus> {
  const response = await request(socketPath, '/v1/status');
  return engineStatusSchema.parse(await response.json());
}

/** Halts or resumes; undefined when done, else the engine's refusal. */
export async function sendCommand(
  socketPath: string,
  action: 'halt' | 'resume',
  body: { scope: string; reason: string; by: string },
): Promise<string | undefined> {
  const response = await request(socketPath, `/v1/${action}`, JSON.stringify(body));
  if (response.ok) return undefined;
  return refusalSchema.parse(await response.json()).error;
}

/** Whether a process listens on the socket file: a file left by a killed engine has nobody behind it. */
export function isServed(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function request(socketPath: string, path: string, body?: string) {
  return fetch(`http://engine${path}`, {
    unix: socketPath,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
}
