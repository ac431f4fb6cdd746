import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { serviceSettings } from '@boxoffice/common/service/service-settings.ts'
import { expect } from 'chai'
import { parse } from 'yaml'
import { readDatabaseManifest } from './database-manifest.ts'
import { repositoryDir } from './paths.ts'

/** As in services/common/src/service/run-service.ts and services/outbox-relay/src/database.ts. */
const [restorePool, relayPool] = [3, 3]
/**
 * Other connections. PostgreSQL reserves three for superusers, as which CloudNativePG's operator, its exporter and
 * people connect.
 */
const othersMax = 20

describe('the connection limits of the manifest', () => {
  it('are enough for the maximum of replicas in the charts, and one more during a replacement', async () => {
    const { roles } = await readDatabaseManifest()
    const pool = serviceSettings.databasePoolSize.default ?? 0
    for (const file of ['values.yaml', 'values-production.yaml']) {
      const text = await readFile(path.join(repositoryDir, 'charts', 'boxoffice', file), 'utf8')
      const { defaults } = parse(text) as Values
      const scaled = defaults.autoscaling.maxReplicas + 1
      for (const { name, connectionLimit } of roles) {
        const replicas = name.startsWith('console') ? defaults.replicas + 1 : scaled
        const needed = name.endsWith('_owner')
          ? 2
          : replicas * (name.endsWith('_relay') ? relayPool : pool) +
            (/_|console/.test(name) ? 0 : restorePool)
        expect(connectionLimit, `${name}, ${file}`).to.be.at.least(needed)
      }
    }
  })

  it('add up to no more than the server allows, so that no role can take the connections of another', async () => {
    const { roles, settings } = await readDatabaseManifest()
    const sum = roles.reduce((total, { connectionLimit }) => total + connectionLimit, 0)
    expect(roles).to.have.lengthOf(11)
    expect(sum + othersMax).to.be.at.most(Number(settings.max_connections))
  })
})

interface Values {
  readonly defaults: {
    readonly replicas: number
    readonly autoscaling: { readonly maxReplicas: number }
  }
}
