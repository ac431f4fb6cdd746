import { stripVTControlCharacters } from 'node:util'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'

/** `12,000 points`. */
export function pointsText(amount: bigint): string {
  return `${amount.toLocaleString('en-US')} point${amount === 1n ? '' : 's'}`
}

/** A time in local time, to the second; empty if undefined. */
export function timeText(time: Timestamp | undefined): string {
  if (time === undefined) return ''
  const date = timestampDate(time)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A foreign text without characters that would move a terminal's cursor or colour it. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ')
}

/** The number of columns that a terminal needs for a text, which may be coloured. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) {
    width += wide.test(segment) ? 2 : 1
  }
  return width
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** East Asian wide and full-width characters, and emoji. */
const wide =
  /^(\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6])/u
