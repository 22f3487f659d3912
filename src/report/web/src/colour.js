// Colours. Categories: eight that stay apart for the common kinds of colour blindness (after Okabe and Ito), each with a
// dash for paper. Series: viridis without its palest end, whose lightness alone gives the order.
import { interpolateViridis } from 'd3-scale-chromatic'

const light = ['#0072b2', '#d55e00', '#00875f', '#b0458a', '#2f2f38', '#b98600', '#3f9bd1', '#8a5a2b']
const dark = ['#5ab4f0', '#ff9a4d', '#3fd0a4', '#ea93c8', '#e6e6ee', '#f2c14e', '#a5d8ff', '#d0a274']
export const dashes = ['none', '7 3', '2 2.5', '9 3 2 3', '4 2', '12 3', '1.5 1.5', '9 2 2 2 2 2']

export const category = (i) => ({ light: light[i % 8], dark: dark[i % 8], dash: i % 8 })

/** t from 0 (first) to 1 (last) of a series. */
export const sequence = (t) => ({ light: interpolateViridis(0.82 * t), dark: interpolateViridis(0.34 + 0.66 * t), dash: -1 })

/** As style properties for elements whose class uses var(--ink). */
export const paint = (colour) => ({ '--light': colour.light, '--dark': colour.dark })

// Elements, near to the usual ones (Jmol, CPK), pale ones darkened so that they show on white.
const atoms = {
  H: '#d8d8d8', He: '#b8e8e8', Li: '#9b6fd3', Be: '#a8c800', B: '#e8a0a0', C: '#606060', N: '#3c5fe0', O: '#e2463c', F: '#78c850',
  Na: '#8f58d8', Mg: '#6fc020', Al: '#a8989c', Si: '#d8b078', P: '#f08c28', S: '#e3c42c', Cl: '#38c038', K: '#7f48c0', Ca: '#48c028',
  Sc: '#b8b8c4', Ti: '#5a9fd4', V: '#8088a0', Cr: '#7088b8', Mn: '#8c70b8', Fe: '#c86038', Co: '#d07890', Ni: '#50b050', Cu: '#c07838',
  Zn: '#7078a8', Ga: '#b88080', Ge: '#608888', As: '#b070d8', Se: '#e09800', Br: '#a02828', Rb: '#6830a8', Sr: '#30c030', Y: '#68c8c8',
  Zr: '#70b8b8', Nb: '#58a0b0', Mo: '#489898', Ag: '#a8a8b0', Cd: '#d0b870', In: '#a06860', Sn: '#587878', Sb: '#9058a8', Te: '#c87000',
  I: '#880088', Cs: '#581880', Ba: '#28a828', La: '#50a8d8', Ta: '#4890d8', W: '#2880c0', Pt: '#a8a8b8', Au: '#d8b020', Pb: '#505860', Bi: '#9048a0',
}
export const atom = (element) => atoms[element] ?? '#b07090'
