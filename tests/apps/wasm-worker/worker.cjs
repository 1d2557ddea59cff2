// Runs the worker under Node: `node worker.cjs PKG BASE_URL USER_ID` prints how the verification ended.
const { Worker, isMainThread, workerData, parentPort } = require("node:worker_threads");

const platform = {
    async send(method, url, headers, body, within, maxBody) {
        const pairs = [];
        for (let at = 0; at < headers.length; at += 2) pairs.push([headers[at], headers[at + 1]]);
        const reply = await fetch(url, {
            method,
            headers: pairs,
            body: method === "GET" ? undefined : body,
            // A redirect would carry the token away.
            redirect: "manual",
            cache: "no-store",
            credentials: "omit",
            signal: AbortSignal.timeout(within),
        });
        const parts = [];
        let length = 0;
        for await (const part of reply.body ?? []) {
            length += part.length;
            if (length > maxBody) throw new Error("the reply is too long");
            parts.push(part);
        }
        return {
            status: reply.status,
            headers: [...reply.headers].flat(),
            body: new Uint8Array(Buffer.concat(parts)),
        };
    },
    sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
    wall: () => Date.now(),
    mono: () => performance.now(),
    random: () => Math.random(),
};

if (isMainThread) {
    const worker = new Worker(__filename, { workerData: process.argv.slice(2) });
    worker.on("message", (said) => console.log(said));
    worker.on("error", (error) => {
        console.error(String(error));
        process.exitCode = 1;
    });
} else {
    const [pkg, baseUrl, userId] = workerData;
    require(pkg)
        .verify(baseUrl, userId, platform)
        .then((said) => parentPort.postMessage(said));
}
