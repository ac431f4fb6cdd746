import { buildPage } from '../console-page.ts'
import { classArchiveFlags } from '../platform/kafka/class-archive.ts'
import { fetchKafka } from '../platform/kafka/fetch.ts'

/**
 * Prepares what a checkout needs once: Kafka's jars, the archive of their classes, and the console's page. A failure
 * here is ignored, because it occurs again in the tests that need the part.
 */
export async function prepareCheckout(): Promise<void> {
  await Promise.allSettled([fetchKafka().then(classArchiveFlags), buildPage()])
}
