import type { FastifyInstance } from 'fastify'
import type { Overview } from '../contract/answers.ts'
import { allTopics } from '../contract/schemas.ts'
import type { Cluster } from '../observe/read-cluster.ts'

/** Routes that return the overview, the consumer groups and the topics. */
export function registerOverview(
  app: FastifyInstance,
  parts: {
    readonly cluster: Cluster
    look(): Promise<Overview>
  },
): void {
  app.get('/api/overview', () => parts.look())
  app.get('/api/groups', async () => ({ groups: await parts.cluster.groups() }))
  app.get('/api/topics', async () => ({ topics: await parts.cluster.topics(allTopics) }))
}
