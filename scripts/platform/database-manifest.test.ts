import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { serviceSettings } from '@boxoffice/common/service/service-settings.ts'
import { expect } from 'chai'
import { parse } from 'yaml'
import { readDatabaseManifest } from './database-manifest.ts'
import { repositoryDir } from './paths.ts'

/** As in services/common/src/service/run-service.ts and services/outbox-relay/src/database.ts. */
const [restorePool, relayPool] = [3, 3]
/** PostgreSQL keeps three for superusers; CloudNativePG's operator, its exporter and people come in as those. */
const othersMax = 20

describe('the connection limits of the manifest', () => {
  it('are enough for as many replicas as the charts have at most, and one more while they are replaced', async () => {
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

  it('leave room for one another: no role can take what is left to the others', async () => {
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
