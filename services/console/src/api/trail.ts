import type { Database } from '@boxoffice/common/postgres/database.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { FastifyInstance } from 'fastify'
import type { RebuildOutlook } from '../contract/answers.ts'
import { allTopics } from '../contract/schemas.ts'
import type { Cluster } from '../observe/read-cluster.ts'
import { countBeyondTopics, readRebuilds, rebuildTrail } from '../storage/rebuild-trail.ts'
import { objectOf } from './fields.ts'
import { custodianRole } from './roles.ts'

export interface TrailParts {
  readonly consumer: string
  readonly database: Database
  readonly cluster: Cluster
  readonly log: Logger
}

/**
 * Routes that preview and start a rebuild of the trail. A rebuild asks for the custodian role: the trail records what
 * operators do, so an operator must not be able to delete it.
 */
export function registerTrail(app: FastifyInstance, { consumer, database, cluster, log }: TrailParts): void {
  const config = { role: custodianRole }

  app.get('/api/trail/rebuild', { config }, async (): Promise<RebuildOutlook> => {
    const ranges = await cluster.ranges(allTopics)
    const records = [...ranges.values()].reduce((sum, { begin, end }) => sum + Number(end - begin), 0)
    const em = database.em()
    return { records, lost: await countBeyondTopics(em, ranges), rebuilds: await readRebuilds(em) }
  })

  app.post<{ Body: { readonly lostMax: number } }>(
    '/api/trail/rebuild',
    {
      config,
      schema: {
        body: objectOf({ lostMax: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } }),
      },
    },
    async ({ body, caller: { subject } }, reply) => {
      const ranges = await cluster.ranges(allTopics)
      const { records, lost, done } = await database.transaction((em) =>
        rebuildTrail(em, { consumer, subject, ranges, lostMax: body.lostMax }),
      )
      if (!done) {
        throw apiError(
          Code.FAILED_PRECONDITION,
          ErrorReason.RECORDS_GONE,
          `${lost} records of the trail have left the topics, and would be lost`,
          { lost: String(lost) },
        )
      }
      log.warn({ subject, records, lost }, 'the trail is forgotten, and built again')
      return await reply.code(202).send({})
    },
  )
}
