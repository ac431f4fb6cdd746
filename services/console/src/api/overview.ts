import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { FastifyInstance } from 'fastify'
import type { Overview } from '../contract/answers.ts'
import { allTopics } from '../contract/schemas.ts'
import type { Cluster } from '../observe/read-cluster.ts'
import { rebuildTrail } from '../storage/rebuild-trail.ts'
import { requireOperator } from './sign-in.ts'

/** How things stand, in the whole and in Kafka; and building the trail anew. */
export function registerOverview(
  app: FastifyInstance,
  parts: {
    readonly consumer: string
    readonly database: Database
    readonly cluster: Cluster
    look(): Promise<Overview>
  },
): void {
  app.get('/api/overview', () => parts.look())
  app.get('/api/groups', async () => ({ groups: await parts.cluster.groups() }))
  app.get('/api/topics', async () => ({ topics: await parts.cluster.topics(allTopics) }))
  app.post('/api/trail/rebuild', async (request, reply) => {
    requireOperator(request)
    await parts.database.transaction((em) => rebuildTrail(em, parts.consumer))
    return await reply.code(202).send({})
  })
}
