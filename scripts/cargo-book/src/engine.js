// The recorder with all four stages, as WebAssembly: it records what a reader changes in a figure, and reads digits. A page
// that is opened from the disk may load a script but no other file, so the bytes are in here, compressed.
(() => {
    'use strict';

    const BYTES = '{{bytes}}';

    /**
     * Answers requests, each a function of the engine and a text. It stands alone, since a worker gets it as source.
     * @param {string} bytes
     * @returns {(name: string, request: string) => Promise<string>}
     */
    function serve(bytes) {
        /** @returns {Promise<WebAssembly.Module>} */
        async function compile() {
            const compressed = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
            const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('gzip'));
            return WebAssembly.compile(await new Response(stream).arrayBuffer());
        }

        /**
         * A fresh engine, as a function that calls one of its functions with a text and returns its answer.
         * They speak the protocol of Typst's plugins: they are told the length of the text, then ask for it.
         *
         * @param {WebAssembly.Module} module
         * @returns {Promise<(name: string, text: string) => string>}
         */
        async function start(module) {
            let given = new Uint8Array();
            let answer = '';
            const memory = (at, length) => new Uint8Array(exports.memory.buffer, at, length);
            const { exports } = await WebAssembly.instantiate(module, {
                typst_env: {
                    wasm_minimal_protocol_write_args_to_buffer(at) {
                        memory(at, given.length).set(given);
                    },
                    wasm_minimal_protocol_send_result_to_host(at, length) {
                        answer = new TextDecoder().decode(memory(at, length));
                    },
                },
            });
            return (name, text) => {
                given = new TextEncoder().encode(text);
                answer = '';
                exports[name](given.length);
                return answer;
            };
        }

        const module = compile();
        let engine = module.then(start);

        /**
         * @param {string} name
         * @param {string} request
         */
        async function answer(name, request) {
            const call = await engine;
            try {
                return call(name, request);
            } catch (error) {
                // It has panicked: it may say why, and the next request gets a fresh one.
                engine = module.then(start);
                return lastWords(call) || JSON.stringify({ error: { message: `the engine stopped: ${error}` } });
            }
        }

        /** @param {(name: string, text: string) => string} call */
        function lastWords(call) {
            try {
                return call('panicked', '');
            } catch {
                // Its stack is full.
                return '';
            }
        }

        // One after the other: the next one must not go to an engine that has panicked.
        let last = Promise.resolve('');
        return (name, request) => {
            last = last.then(() => answer(name, request));
            return last;
        };
    }

    /**
     * A worker that answers, so that the page goes on while the engine runs.
     * @returns {(name: string, request: string) => Promise<string>}
     */
    function hire() {
        const source = `const answer = (${serve})(${JSON.stringify(BYTES)});
            onmessage = ({ data: { id, name, request } }) => answer(name, request).then(
                (answer) => postMessage({ id, answer }), (error) => postMessage({ id, error }));`;
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        const waiting = new Map();
        worker.onmessage = ({ data: { id, answer, error } }) => {
            const { resolve, reject } = waiting.get(id);
            waiting.delete(id);
            error ? reject(error) : resolve(answer);
        };
        worker.onerror = () => {
            answer = serve(BYTES);
            waiting.forEach(({ name, request, resolve, reject }) => answer(name, request).then(resolve, reject));
            waiting.clear();
        };
        let asked = 0;
        return (name, request) => new Promise((resolve, reject) => {
            asked += 1;
            waiting.set(asked, { name, request, resolve, reject });
            worker.postMessage({ id: asked, name, request });
        });
    }

    // Who publishes the book may forbid workers, which some browsers say at once and some later: then the page answers itself.
    let answer;
    try {
        answer = hire();
    } catch {
        answer = serve(BYTES);
    }

    // Records a program; reads a digit. Requests and responses are in JSON.
    window.autogradEngine = {
        record: (request) => answer('record', request),
        read: (request) => answer('read', request),
    };
})();
