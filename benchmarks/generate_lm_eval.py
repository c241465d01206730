"""What lm-evaluation-harness's Hugging Face backend makes of the prompts of `generate.py`.

Run by it, in an environment that has lm-eval: the batch size as argument, the job on stdin, the
result on stdout. The backend is called as its own tasks call it.
"""

import contextlib
import json
import os
import sys
import time

import torch
from lm_eval.api.instance import Instance  # type: ignore[import-not-found]
from lm_eval.models.huggingface import HFLM  # type: ignore[import-not-found]

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
job = json.load(sys.stdin)
with contextlib.redirect_stdout(sys.stderr):
    model = HFLM(
        pretrained=job["folder"],
        gguf_file=job["gguf"],
        dtype=job["dtype"],
        device="cpu",
        batch_size=int(sys.argv[1]),
    )
    options = {"until": [], "max_gen_toks": job["limit"], "do_sample": False}
    requests = [
        Instance("generate_until", {}, (prompt, dict(options)), number)
        for number, prompt in enumerate(job["prompts"])
    ]
    begin = time.perf_counter()
    texts = model.generate_until(requests, disable_tqdm=True)
    seconds = time.perf_counter() - begin
    tokens = sum(len(model.tok_encode(text)) for text in texts)
print(json.dumps({"texts": texts, "tokens": tokens, "run": seconds}))
