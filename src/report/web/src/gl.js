// The structure by WebGL 2: spheres and cylinders found per pixel (exact outlines at any size), translucent polyhedra. One
// context draws for every view of the page; each copies the picture to a canvas of its own.

const common = `#version 300 es
precision highp float;
uniform vec3 uRow[3];   // rotation: rows
uniform vec3 uCentre;   // what is in the middle
uniform vec2 uHalf;     // half width and height of the picture, angstrom
uniform float uDepth;   // half depth, angstrom
uniform vec3 uFog;      // background
vec3 turn(vec3 p) { p -= uCentre; return vec3(dot(uRow[0], p), dot(uRow[1], p), dot(uRow[2], p)); }
vec4 place(vec3 v) { return vec4(v.xy / uHalf, -v.z / uDepth, 1.0); }
vec3 light(vec3 colour, vec3 n, float z) {
  vec3 key = normalize(vec3(-0.45, 0.65, 0.75));
  float diffuse = max(dot(n, key), 0.0), rim = 1.0 - max(n.z, 0.0);
  float shine = pow(max(dot(reflect(-key, n), vec3(0, 0, 1)), 0.0), 40.0);
  vec3 lit = colour * (0.42 + 0.16 * n.y + 0.62 * diffuse) + 0.22 * shine - 0.10 * rim * rim * colour;
  float far = clamp(0.5 - 0.5 * z / uDepth, 0.0, 1.0);
  return mix(lit, uFog, 0.62 * far * far);
}`

const sphereVertex = `${common}
in vec2 corner; in vec4 sphere; in vec3 colour;
out vec2 vCorner; out vec3 vColour; out vec3 vMiddle; out float vRadius;
void main() {
  vMiddle = turn(sphere.xyz); vRadius = sphere.w; vColour = colour; vCorner = corner * 1.04;
  gl_Position = place(vMiddle + vec3(vCorner * vRadius, 0.0));
}`
const sphereFragment = `${common}
in vec2 vCorner; in vec3 vColour; in vec3 vMiddle; in float vRadius;
out vec4 result;
void main() {
  float r2 = dot(vCorner, vCorner);
  if (r2 > 1.0) discard;
  vec3 n = vec3(vCorner, sqrt(1.0 - r2));
  float z = vMiddle.z + vRadius * n.z;
  gl_FragDepth = 0.5 - 0.5 * z / uDepth;
  float edge = smoothstep(0.80, 1.0, r2);
  result = vec4(light(vColour * (1.0 - 0.45 * edge), n, z), 1.0);
}`

const rodVertex = `${common}
in vec3 mesh; in vec3 start; in vec3 end; in float width; in vec3 colourA; in vec3 colourB;
out vec3 vNormal; out vec3 vA; out vec3 vB; out float vAlong; out float vZ;
void main() {
  vec3 axis = normalize(end - start);
  vec3 u = normalize(abs(axis.z) < 0.9 ? cross(axis, vec3(0, 0, 1)) : cross(axis, vec3(1, 0, 0))), v = cross(axis, u);
  vec3 n = mesh.x * u + mesh.y * v;
  vec3 p = turn(mix(start, end, mesh.z) + n * width);
  vNormal = vec3(dot(uRow[0], n), dot(uRow[1], n), dot(uRow[2], n));
  vA = colourA; vB = colourB; vAlong = mesh.z; vZ = p.z;
  gl_Position = place(p);
}`
const rodFragment = `${common}
in vec3 vNormal; in vec3 vA; in vec3 vB; in float vAlong; in float vZ;
out vec4 result;
void main() { result = vec4(light(vAlong < 0.5 ? vA : vB, normalize(vNormal), vZ), 1.0); }`

const faceVertex = `${common}
in vec3 corner; in vec3 normal; in vec3 colour;
out vec3 vNormal; out vec3 vColour; out float vZ;
void main() {
  vec3 p = turn(corner);
  vNormal = vec3(dot(uRow[0], normal), dot(uRow[1], normal), dot(uRow[2], normal)); vColour = colour; vZ = p.z;
  gl_Position = place(p);
}`
const faceFragment = `${common}
in vec3 vNormal; in vec3 vColour; in float vZ;
uniform float uAlpha;
out vec4 result;
void main() {
  vec3 n = normalize(vNormal); if (n.z < 0.0) n = -n;
  result = vec4(light(vColour, n, vZ) * uAlpha, uAlpha);
}`

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)

function program(gl, vertex, fragment) {
  const p = gl.createProgram()
  for (const [type, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(type)
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? 'shader')
    gl.attachShader(p, shader)
  }
  gl.linkProgram(p)
  if (!gl.getProgramParameter(p, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(p) ?? 'program')
  return p
}

/** An array of numbers bound to attributes [{name, size}] that lie one after another in it. */
function attributes(gl, p, data, parts, divisor) {
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer())
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW)
  const stride = 4 * parts.reduce((n, part) => n + part.size, 0)
  let offset = 0
  for (const part of parts) {
    const where = gl.getAttribLocation(p, part.name)
    if (where >= 0) {
      gl.enableVertexAttribArray(where)
      gl.vertexAttribPointer(where, part.size, gl.FLOAT, false, stride, offset)
      gl.vertexAttribDivisor(where, divisor)
    }
    offset += 4 * part.size
  }
}

let shared // {canvas, gl, programs}, or null where there is no WebGL 2
function start() {
  if (shared !== undefined && !shared?.gl.isContextLost()) return shared
  try {
    const canvas = document.createElement('canvas')
    const gl = canvas.getContext('webgl2', { antialias: false, alpha: true, preserveDrawingBuffer: true, failIfMajorPerformanceCaveat: false })
    shared = gl && { canvas, gl, age: Math.random(), sphere: program(gl, sphereVertex, sphereFragment), rod: program(gl, rodVertex, rodFragment), face: program(gl, faceVertex, faceFragment) }
  } catch {
    shared = null
  }
  return shared
}
export const available = () => Boolean(start())

/** The buffers of one view. Make again when what is shown changes. */
export function upload(things, style) {
  const { gl, sphere, rod, face, age } = start()
  const list = []
  const make = (p, count, instances, bind) => {
    if (!instances) return
    const vao = gl.createVertexArray()
    gl.bindVertexArray(vao)
    bind(p)
    gl.bindVertexArray(null)
    list.push({ p, vao, count, instances })
  }
  const spheres = things.atoms.flatMap((a) => [...a.at, style.radius(a), ...rgb(things.species[a.species].colour)])
  make(sphere, 4, things.atoms.length, (p) => {
    attributes(gl, p, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), [{ name: 'corner', size: 2 }], 0)
    attributes(gl, p, new Float32Array(spheres), [{ name: 'sphere', size: 4 }, { name: 'colour', size: 3 }], 1)
  })
  const tube = []
  for (let k = 0; k <= 14; k++) for (const end of [0, 1]) tube.push(Math.cos((k * Math.PI) / 7), Math.sin((k * Math.PI) / 7), end)
  const grey = style.dark ? [0.75, 0.78, 0.84] : [0.3, 0.33, 0.4]
  const rods = things.bonds.flatMap((b) => [...b.from, ...b.to, style.bond, ...rgb(things.species[b.a].colour), ...rgb(things.species[b.b].colour)])
  for (const [p, q] of things.edges) rods.push(...p, ...q, 0.035, ...grey, ...grey)
  for (const poly of things.polyhedra) {
    const colour = rgb(things.species[poly.species].colour).map((c) => c * 0.7), seen = new Set()
    for (const f of poly.faces)
      for (const [i, j] of [[f[0], f[1]], [f[1], f[2]], [f[2], f[0]]]) {
        const key = i < j ? `${i},${j}` : `${j},${i}`
        if (seen.has(key)) continue
        seen.add(key)
        rods.push(...poly.corners[i], ...poly.corners[j], 0.022, ...colour, ...colour)
      }
  }
  make(rod, tube.length / 3, rods.length / 13, (p) => {
    attributes(gl, p, new Float32Array(tube), [{ name: 'mesh', size: 3 }], 0)
    attributes(gl, p, new Float32Array(rods), [{ name: 'start', size: 3 }, { name: 'end', size: 3 }, { name: 'width', size: 1 }, { name: 'colourA', size: 3 }, { name: 'colourB', size: 3 }], 1)
  })
  const corners = things.polyhedra.flatMap((poly) => poly.faces.flatMap((f) => {
    const [a, b, c] = f.map((i) => poly.corners[i])
    const u = b.map((v, i) => v - a[i]), w = c.map((v, i) => v - a[i])
    const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]]
    return [a, b, c].flatMap((p) => [...p, ...n, ...rgb(things.species[poly.species].colour)])
  }))
  make(face, corners.length / 9, corners.length ? 1 : 0, (p) =>
    attributes(gl, p, new Float32Array(corners), [{ name: 'corner', size: 3 }, { name: 'normal', size: 3 }, { name: 'colour', size: 3 }], 0))
  return { list, age }
}

export function release(buffers) {
  if (buffers && shared && buffers.age === shared.age) for (const item of buffers.list) shared.gl.deleteVertexArray(item.vao)
}

/** Draw and copy to a 2-D canvas. camera: {rows, centre, half: [w, h], depth}; fog: '#rrggbb'. @return false if the buffers are lost */
export function draw(buffers, camera, fog, canvas) {
  const { gl, canvas: stage, face, sphere, rod, age } = start() ?? {}
  if (!gl || buffers.age !== age) return false
  const scale = canvas.width * canvas.height < 1.6e6 ? 2 : 1 // twice as fine, then averaged
  const width = canvas.width * scale, height = canvas.height * scale
  if (stage.width !== width || stage.height !== height) Object.assign(stage, { width, height })
  gl.viewport(0, 0, width, height)
  gl.clearColor(0, 0, 0, 0)
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT)
  gl.enable(gl.DEPTH_TEST)
  const set = (p) => {
    gl.useProgram(p)
    gl.uniform3fv(gl.getUniformLocation(p, 'uRow'), camera.rows.flat())
    gl.uniform3fv(gl.getUniformLocation(p, 'uCentre'), camera.centre)
    gl.uniform2fv(gl.getUniformLocation(p, 'uHalf'), camera.half)
    gl.uniform1f(gl.getUniformLocation(p, 'uDepth'), camera.depth)
    gl.uniform3fv(gl.getUniformLocation(p, 'uFog'), rgb(fog))
  }
  for (const item of buffers.list) {
    gl.bindVertexArray(item.vao)
    set(item.p)
    if (item.p === sphere || item.p === rod) gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, item.count, item.instances)
    else { // back faces first, then front ones, mixed over what lies behind
      gl.uniform1f(gl.getUniformLocation(face, 'uAlpha'), 0.42)
      gl.enable(gl.BLEND)
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
      gl.depthMask(false)
      gl.enable(gl.CULL_FACE)
      for (const side of [gl.FRONT, gl.BACK]) {
        gl.cullFace(side)
        gl.drawArrays(gl.TRIANGLES, 0, item.count)
      }
      gl.disable(gl.CULL_FACE)
      gl.depthMask(true)
      gl.disable(gl.BLEND)
    }
  }
  gl.bindVertexArray(null)
  const flat = canvas.getContext('2d')
  flat.clearRect(0, 0, canvas.width, canvas.height)
  flat.imageSmoothingQuality = 'high'
  flat.drawImage(stage, 0, 0, canvas.width, canvas.height)
  return true
}
