import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { type Resource, readManifests, resourcesOf } from './charts.ts'
import { needs, outputOf, schemasDir } from './tool.ts'

const nodesOf = (resources: readonly Resource[]) =>
  resources
    .filter(({ kind }) => kind === 'KafkaNodePool')
    .map(({ spec }) => ({ roles: spec.roles, replicas: spec.replicas }))

for (const overlay of ['kind', 'production'] as const) {
  describe(`k8s/overlays/${overlay}`, () => {
    needs('kubectl')
    let resources: Resource[]
    let dir: string
    let file: string

    before(async () => {
      const manifests = await outputOf('kubectl', 'kustomize', `k8s/overlays/${overlay}`)
      resources = resourcesOf(manifests)
      dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-charts-'))
      file = path.join(dir, 'manifests.yaml')
      await writeFile(file, manifests)
    })

    after(async () => {
      if (dir) await rm(dir, { recursive: true, force: true })
    })

    it('has three brokers and three controllers', () => {
      expect(nodesOf(resources)).to.have.deep.members(
        overlay === 'kind'
          ? [{ roles: ['broker', 'controller'], replicas: 3 }]
          : [
              { roles: ['broker'], replicas: 3 },
              { roles: ['controller'], replicas: 3 },
            ],
      )
    })

    it('keeps the settings of Kafka and PostgreSQL in the base', () => {
      const kafka = resources.find(({ kind }) => kind === 'Kafka')?.spec.kafka
      expect(kafka.config).to.include({
        'auto.create.topics.enable': false,
        'min.insync.replicas': 2,
        'broker.session.timeout.ms': 3000,
      })
      expect(kafka.listeners).to.have.length(1)
      expect(kafka.listeners[0]).to.deep.include({ tls: true, authentication: { type: 'scram-sha-512' } })
      const cluster = resources.find(({ kind }) => kind === 'Cluster')?.spec
      expect(cluster.postgresql.parameters).to.include.keys(
        'max_slot_wal_keep_size',
        'sync_replication_slots',
      )
      expect(cluster.replicationSlots.highAvailability.synchronizeLogicalDecoding).to.equal(true)
    })

    describe('is known to Kubernetes and to the CRDs', () => {
      needs('kubeconform', 'schemas')

      it('field by field', async () => {
        await outputOf(
          ...(['kubeconform', '-strict', '-summary'] as const),
          ...['-schema-location', `${schemasDir}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`],
          ...['-schema-location', `${schemasDir}/{{.ResourceKind}}{{.KindSuffix}}.json`],
          ...[file, 'k8s/namespaces.yaml'],
        )
      })
    })
  })
}

describe('k8s/namespaces.yaml', () => {
  it('admits only restricted pods into the namespace of the services', async () => {
    const namespaces = await readManifests('k8s/namespaces.yaml')
    const labels = namespaces.find(({ metadata }) => metadata.name === 'boxoffice')?.metadata.labels
    expect(labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  })
})
