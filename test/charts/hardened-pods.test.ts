import { expect } from 'chai'
import { type Resource, readManifests, render, renderings, resourcesOf } from './charts.ts'
import { needs } from './tool.ts'

// The other rules of the Pod Security Standard `restricted` are checked by test:k8s, with a real API server.
describe('every pod of the charts', () => {
  needs('helm')
  // biome-ignore lint/suspicious/noExplicitAny: a pod's spec
  let pods: { readonly name: string; readonly spec: any }[]

  before(async () => {
    const rendered = await Promise.all(
      renderings.map(async (rendering) => resourcesOf(await render(rendering))),
    )
    pods = [...rendered.flat(), ...(await readManifests('k8s/verify-job.yaml'))].flatMap(podOf)
    expect(pods.length).to.be.greaterThan(20)
  })

  it('has no token of its service account, except the operator, which mounts a short-lived one', () => {
    for (const { name, spec } of pods) {
      expect(spec.automountServiceAccountToken, name).to.equal(false)
      const tokens = JSON.stringify(spec.volumes ?? []).includes('serviceAccountToken')
      expect(tokens, name).to.equal(name === 'boxoffice-operator')
    }
  })

  it('has a read-only file system, cannot gain privileges, and runs as an unprivileged user', () => {
    for (const { name, spec } of pods) {
      expect(spec.securityContext, name).to.deep.include({
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
        expect(container.securityContext, `${name}/${container.name}`).to.deep.include({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(container.resources?.limits?.memory, `${name}/${container.name}`).to.be.a('string')
      }
    }
  })

  it('has its secrets as files that other users cannot read, and in no variable', () => {
    for (const { name, spec } of pods) {
      // 0440: this parser reads YAML 1.2, where it is a decimal, and Kubernetes 1.1, where it is octal.
      for (const { projected, secret } of spec.volumes ?? [])
        expect((projected ?? secret).defaultMode, name).to.equal(440)
      for (const { env = [] } of [...(spec.initContainers ?? []), ...spec.containers])
        expect(JSON.stringify(env), name).to.not.include('secretKeyRef')
    }
  })

  it('is evicted one at a time', async () => {
    for (const rendering of renderings) {
      const resources = resourcesOf(await render(rendering))
      const budgets = resources.filter(({ kind }) => kind === 'PodDisruptionBudget')
      const deployments = resources.filter(({ kind }) => kind === 'Deployment')
      expect(budgets.map(({ spec }) => spec.selector)).to.have.deep.members(
        deployments.map(({ spec }) => spec.selector),
      )
      for (const { spec } of budgets) expect(spec.maxUnavailable).to.equal(1)
    }
  })
})

function podOf({ kind, metadata: { name }, spec }: Resource) {
  if (kind === 'Pod') return [{ name, spec }]
  return ['Deployment', 'Job'].includes(kind) ? [{ name, spec: spec.template.spec }] : []
}
