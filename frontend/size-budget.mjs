// Fails when the scripts a phone must fetch weigh more than the budget: node size-budget.mjs DIR KB
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const [folder = 'dist', budgetKilobytes = '120'] = process.argv.slice(2)

function scripts(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) return scripts(inside)
    return /\.m?js$/.test(entry.name) ? [inside] : []
  })
}

const bytes = scripts(folder).reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0)
const kilobytes = bytes / 1000
process.stdout.write(`${folder}: ${kilobytes.toFixed(1)} kB of scripts, gzip (budget ${budgetKilobytes})\n`)
if (kilobytes > Number(budgetKilobytes)) process.exit(1)
