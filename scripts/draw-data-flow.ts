// Draws docs/data-flow.svg: how an image travels from its owner to the slaves, and back to a user.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Box {
  x: number
  y: number
  w: number
  title: string
  lines: string[]
  tint: string
}

const LINE = 16
const boxes: Record<string, Box> = {
  owner: {
    x: 20,
    y: 60,
    w: 210,
    title: 'Owner',
    lines: ['encrypt: QMS-2 in an AEAD', 'hash: ConvNeXt, masked code'],
    tint: '#dbeafe'
  },
  user: {
    x: 20,
    y: 236,
    w: 210,
    title: 'User',
    lines: ['hash the query image', 'verify id, decrypt'],
    tint: '#dbeafe'
  },
  masters: {
    x: 340,
    y: 120,
    w: 230,
    title: 'Masters, each with the index',
    lines: [
      'draw (r, s), split into s shadows',
      'place on s slaves, seal r',
      'rank by Hamming distance',
      'gather any r, rebuild'
    ],
    tint: '#dcfce7'
  },
  one: { x: 690, y: 40, w: 170, title: 'Slave, hospital A', lines: ['shadow 1'], tint: '#fef3c7' },
  two: { x: 690, y: 116, w: 170, title: 'Slave, hospital B', lines: ['shadow 2'], tint: '#fef3c7' },
  three: { x: 690, y: 192, w: 170, title: 'Slave, hospital C', lines: ['shadow 3'], tint: '#fef3c7' },
  four: { x: 690, y: 268, w: 170, title: 'Slave, hospital D', lines: ['shadow s'], tint: '#fef3c7' }
}

const height = (box: Box): number => 34 + box.lines.length * LINE

function drawBox(box: Box): string {
  const text = box.lines.map(
    (line, at) => `<text x="${box.x + 12}" y="${box.y + 40 + at * LINE}" class="line">${line}</text>`
  )
  return `<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${height(box)}" rx="8" fill="${box.tint}" stroke="#475569"/>
<text x="${box.x + 12}" y="${box.y + 21}" class="title">${box.title}</text>
${text.join('\n')}`
}

function drawArrow(from: [number, number], to: [number, number], label: string, lift = -6): string {
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]
  return `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" class="arrow"/>
<text x="${x}" y="${y + lift}" class="label">${label}</text>`
}

const arrows = [
  drawArrow([230, 90], [338, 140], 'EI + code', -10),
  drawArrow([230, 258], [338, 196], 'trapdoor', -12),
  drawArrow([338, 216], [230, 286], 'k nearest EI', 24),
  ...['one', 'two', 'three', 'four'].map((name, at) =>
    drawArrow([570, 150 + at * 16], [688, boxes[name].y + 25], ['shadows', '', '', 'any r'][at])
  )
]

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 350" role="img" aria-label="Owner encrypts and hashes an image; a master splits it into s shadows on slaves in different hospitals; a user sends a hash code and gets the nearest images, rebuilt from any r shadows">
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#475569"/></marker></defs>
<style>text{font-family:system-ui,sans-serif;fill:#0f172a}.title{font-size:14px;font-weight:600}.line{font-size:12px}.label{font-size:12px;text-anchor:middle;fill:#334155;paint-order:stroke;stroke:#fff;stroke-width:5px}.arrow{stroke:#475569;stroke-width:1.5;marker-end:url(#tip)}</style>
<rect width="880" height="350" fill="#ffffff"/>
<text x="20" y="30" class="title">No peer that stores can read; no peer that fails loses anything</text>
${Object.values(boxes).map(drawBox).join('\n')}
${arrows.join('\n')}
</svg>
`
writeFileSync(join(import.meta.dirname, '..', 'docs', 'data-flow.svg'), svg)
