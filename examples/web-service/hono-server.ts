import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { eventStreamHeaders } from './event-stream-headers.js';
import { problemOf } from './problem.js';
import { shutDown, urlOf, type RunningServer } from './running-server.js';
import type { EventStream, ThreadService } from './thread-service.js';

export function honoApp(service: ThreadService): Hono {
  const app = new Hono();
  const path = '/conversations/:id';
  app.post(`${path}/turns`, async ({ req }) => {
    const key = req.header('idempotency-key');
    return eventsOf(await service.send(req.param('id'), await req.json(), key));
  });
  app.get(`${path}/events`, ({ req }) =>
    eventsOf(service.follow(req.param('id'), req.header('last-event-id'))),
  );
  app.get(`${path}/turns`, async ({ req }) => Response.json(await service.turns(req.param('id'))));
  app.get(`${path}/approvals`, async ({ req }) =>
    Response.json(await service.pending(req.param('id'))),
  );
  app.post(`${path}/approvals/:approval`, async ({ req, body }) => {
    await service.decide(req.param('id'), req.param('approval'), await req.json());
    return body(null, 204);
  });
  app.post(`${path}/stop`, async ({ req, body }) => {
    await service.stop(req.param('id'));
    return body(null, 204);
  });
  app.onError((error, { json }) => {
    const problem = problemOf(error);
    return json(problem, problem.status as ContentfulStatusCode);
  });
  return app;
}

function eventsOf(stream: EventStream): Response {
  if (stream === null) return new Response(null, { status: 204 });
  return new Response(stream, { headers: eventStreamHeaders });
}

export async function startHono(service: ThreadService, port = 0): Promise<RunningServer> {
  const server = serve({ fetch: honoApp(service).fetch, port, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  return { url: urlOf(server), close: async () => shutDown(server, service) };
}
