import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { eventStreamHeaders } from './event-stream-headers.js';
import { problemOf } from './problem.js';
import { urlOf, type RunningServer } from './running-server.js';
import type { EventStream, ThreadService } from './thread-service.js';

interface Params {
  readonly id: string;
  readonly approval: string;
}

export function fastifyApp(service: ThreadService): FastifyInstance {
  const app = fastify();
  const path = '/conversations/:id';
  app.post<{ Params: Params }>(`${path}/turns`, async ({ params, body, headers }, reply) => {
    const key = headers['idempotency-key']?.toString();
    return streamTo(reply, await service.send(params.id, body, key));
  });
  app.get<{ Params: Params }>(`${path}/events`, async ({ params, headers }, reply) => {
    const lastEventId = headers['last-event-id']?.toString();
    return streamTo(reply, service.follow(params.id, lastEventId));
  });
  app.get<{ Params: Params }>(`${path}/turns`, async ({ params }) => service.turns(params.id));
  app.get<{ Params: Params }>(`${path}/approvals`, async ({ params }) =>
    service.pending(params.id),
  );
  app.post<{ Params: Params }>(`${path}/approvals/:approval`, async ({ params, body }, reply) => {
    await service.decide(params.id, params.approval, body);
    return reply.code(204).send();
  });
  app.post<{ Params: Params }>(`${path}/stop`, async ({ params }, reply) => {
    await service.stop(params.id);
    return reply.code(204).send();
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const problem = problemOf(error);
    return reply.code(problem.status).send(problem);
  });
  // `app.close()` waits for open requests, so the turns have to end first.
  app.addHook('preClose', async () => service.close());
  return app;
}

function streamTo(reply: FastifyReply, stream: EventStream): FastifyReply {
  return stream === null ? reply.code(204).send() : reply.headers(eventStreamHeaders).send(stream);
}

export async function startFastify(service: ThreadService, port = 0): Promise<RunningServer> {
  const app = fastifyApp(service);
  await app.listen({ port, host: '127.0.0.1' });
  return { url: urlOf(app.server), close: async () => app.close() };
}
