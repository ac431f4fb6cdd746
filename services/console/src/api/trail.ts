import { apiError, Code, ErrorReason } from '@boxoffice/common/grpc/errors.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { FastifyInstance } from 'fastify'
import type { RebuildOutlook } from '../contract/answers.ts'
import { allTopics } from '../contract/schemas.ts'
import type { Cluster } from '../observe/read-cluster.ts'
import { countBeyondTopics, rebuildTrail } from '../storage/rebuild-trail.ts'
import { objectOf } from './fields.ts'
import { requireOperator } from './sign-in.ts'

/** Building the trail anew: first what that would be, then doing it. */
export function registerTrail(
  app: FastifyInstance,
  {
    consumer,
    database,
    cluster,
  }: { readonly consumer: string; readonly database: Database; readonly cluster: Cluster },
): void {
  app.get('/api/trail/rebuild', async (request): Promise<RebuildOutlook> => {
    requireOperator(request)
    const ranges = await cluster.ranges(allTopics)
    const records = [...ranges.values()].reduce((sum, { begin, end }) => sum + Number(end - begin), 0)
    return { records, lost: await countBeyondTopics(database.em(), ranges) }
  })

  app.post<{ Body: { readonly lostMax: number } }>(
    '/api/trail/rebuild',
    {
      schema: {
        body: objectOf({ lostMax: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } }),
      },
    },
    async (request, reply) => {
      requireOperator(request)
      const ranges = await cluster.ranges(allTopics)
      const lost = await countBeyondTopics(database.em(), ranges)
      if (lost > request.body.lostMax) {
        throw apiError(
          Code.FAILED_PRECONDITION,
          ErrorReason.RECORDS_GONE,
          `${lost} records of the trail have left the topics, and would be lost`,
          { lost: String(lost) },
        )
      }
      await database.transaction((em) => rebuildTrail(em, consumer, ranges))
      return await reply.code(202).send({})
    },
  )
}
