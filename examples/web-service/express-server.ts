import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eventStreamHeaders } from './event-stream-headers.js';
import { problemOf } from './problem.js';
import { shutDown, urlOf, type RunningServer } from './running-server.js';
import type { EventStream, ThreadService } from './thread-service.js';

// #region express
export function expressApp(service: ThreadService): Express {
  const app = express();
  const path = '/conversations/:id';
  app.use(express.json());
  app.post(`${path}/turns`, async ({ params, body, headers }, response) => {
    const key = headers['idempotency-key']?.toString();
    await streamTo(response, await service.send(params.id, body, key));
  });
  app.get(`${path}/events`, async ({ params, headers }, response) => {
    const lastEventId = headers['last-event-id']?.toString();
    await streamTo(response, service.follow(params.id, lastEventId));
  });
  app.get(`${path}/turns`, async ({ params }, response) => {
    response.json(await service.turns(params.id));
  });
  app.get(`${path}/approvals`, async ({ params }, response) => {
    response.json(await service.pending(params.id));
  });
  app.post(`${path}/approvals/:approval`, async ({ params, body }, response) => {
    await service.decide(params.id, params.approval, body);
    response.status(204).end();
  });
  app.post(`${path}/stop`, async ({ params }, response) => {
    await service.stop(params.id);
    response.status(204).end();
  });
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const problem = problemOf(error);
    if (response.headersSent) next(error);
    else response.status(problem.status).json(problem);
  });
  return app;
}

async function streamTo(response: Response, stream: EventStream): Promise<void> {
  if (stream === null) return void response.status(204).end();
  response.writeHead(200, eventStreamHeaders);
  // A client that disconnects ends the pipeline, which cancels the stream.
  await pipeline(Readable.fromWeb(stream), response).catch(() => undefined);
}
// #endregion

export async function startExpress(service: ThreadService, port = 0): Promise<RunningServer> {
  const server = expressApp(service).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { url: urlOf(server), close: async () => shutDown(server, service) };
}
