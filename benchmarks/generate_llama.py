"""What llama.cpp makes of the prompts of `generate.py`.

Run by it, in an environment that has xllamacpp: the job on stdin, the result on stdout. The GGUF
file is used as it is, with llama.cpp's own kernels for quantized numbers; decoding is greedy, with
one slot, whose prompt cache keeps what a prompt shares with the one before it.
"""

import json
import sys
import time
from pathlib import Path

import xllamacpp  # type: ignore[import-not-found]

job = json.load(sys.stdin)
params = xllamacpp.CommonParams()
params.model.path = str(Path(job["folder"]) / job["gguf"])
params.n_ctx = 8192
params.n_parallel = 1
params.n_gpu_layers = 0
params.cpuparams.n_threads = job["threads"]
params.cpuparams_batch.n_threads = job["threads"]
params.cache_prompt = True
server = xllamacpp.Server(params)
texts, tokens = [], 0
begin = time.perf_counter()
for prompt in job["prompts"]:
    reply = server.handle_completions(
        {
            "prompt": prompt,
            "n_predict": job["limit"],
            "temperature": 0.0,
            "cache_prompt": True,
            "stream": False,
        }
    )
    texts.append(reply["choices"][0]["text"])
    tokens += reply["usage"]["completion_tokens"]
print(json.dumps({"texts": texts, "tokens": tokens, "run": time.perf_counter() - begin}))
