/**
 * The administration API, on a Unix socket in the engine's state folder: whoever may enter that folder (mode 0700) may
 * ask and command, nobody else can reach it. Answers are JSON; an error is `{"error": "..."}` with a 4xx status.
 *
 *   GET  /healthz          200 once serving
 *   GET  /v1/status        EngineStatus
 *   POST /v1/halt          {"scope": "*" | account, "reason": "..."}: no new orders, open ones are cancelled
 *   POST /v1/resume        {"scope": "*" | account, "reason": "..."}
 */
import { Hono } from 'hono';
import { z } from 'zod';
import type { EngineStatus } from '../orchestrator/engine-status.ts';

export interface AdminTarget {
  status(): EngineStatus;
  /** Undefined when done, else why not. */
  halt(scope: string, reason: string, by: string): Promise<string | undefined>;
  resume(scope: string, reason: string, by: string): Promise<string | undefined>;
}

export interface AdminServer {
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024;

const commandSchema = z.strictObject({
  scope: z.string().min(1).max(40),
  reason: z.string().min(1).max(500),
  by: z.string().min(1).max(100).default('operator'),
});

export function createAdminApp(target: AdminTarget): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ ok: true }));
  app.get('/v1/status', (context) => context.json(target.status()));
  for (const action of ['halt', 'resume'] as const) {
    app.post(`/v1/${action}`, async (context) => {
      const parsed = commandSchema.safeParse(await readJson(context.req.raw));
      if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error).replaceAll('\n', ' ') }, 400);
      const { scope, reason, by } = parsed.data;
      const refusal = await target[action](scope, reason, by);
      return refusal === undefined ? context.json({ ok: true }) : context.json({ error: refusal }, 409);
    });
  }
  app.notFound((context) => context.json({ error: `no ${context.req.method} ${context.req.path} here` }, 404));
  app.onError((_error, context) => context.json({ error: 'the request could not be answered' }, 500));
  return app;
}

/** Serves on a socket file, which must not be in use. */
export function serveAdmin(app: Hono, socketPath: string): AdminServer {
  const server = Bun.serve({ unix: socketPath, maxRequestBodySize: MAX_BODY_BYTES, fetch: app.fetch });
  return {
    close: () => server.stop(true),
  };
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    // The schema refuses it with its own words.
    return undefined;
  }
}
