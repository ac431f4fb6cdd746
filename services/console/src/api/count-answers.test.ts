import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics, type Metrics } from '@boxoffice/common/telemetry/metrics.ts'
import { expectDefect } from '@boxoffice/common/testing/defects.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { countAnswers } from './count-answers.ts'
import { createApp } from './http-app.ts'

describe("the console's answers", () => {
  let metrics: Metrics
  let app: FastifyInstance
  beforeEach(() => {
    metrics = createMetrics('console')
    app = createApp(createLog({ service: 'test', level: 'silent' }))
    countAnswers(app, metrics)
    app.get('/api/ok/:id', async () => ({}))
    app.get('/api/broken', async () => {
      throw new Error('a defect')
    })
  })
  afterEach(() => app.close())

  it('are counted by route and status, including those that report a defect', async () => {
    expectDefect(/GET \/api\/broken INTERNAL/)
    for (const url of ['/api/ok/1', '/api/ok/2', '/api/broken', '/nowhere']) await app.inject({ url })
    const { values } = (await metrics.registry.getSingleMetric('boxoffice_http_answers_total')?.get()) ?? {
      values: [],
    }
    expect(values.map(({ labels, value }) => [labels.route, labels.status, value])).to.have.deep.members([
      ['/api/ok/:id', '200', 2],
      ['/api/broken', '500', 1],
      ['', '404', 1],
    ])
  })
})
