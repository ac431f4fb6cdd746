// What reads the records of any topic outside a consumer needs: a tail, an audit trail, a page that shows what is in Kafka.

export { keptRecord } from './dead-letters/kept-record.ts'
export { cleanText, isCleanName, storableText } from './message/clean-text.ts'
export { createDecode } from './message/decode.ts'
export { headerText, placeId, recordId } from './message/record-id.ts'
