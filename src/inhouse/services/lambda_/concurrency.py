"""How many invocations run at once: a function's share, and the account's limit.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from inhouse.core.operations import reads, writes
from inhouse.services.lambda_ import names, packages, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row

UNRESERVED = 100
"""What no reservation may touch, or a tenth of the limit where that is less: 100 of 1000 on AWS."""


class Concurrency:
    """Put, get and delete a function's reserved concurrency; GetAccountSettings.

    The limit is the server's `worker_limit`, which all accounts share.
    """

    house: House

    @writes("lambda:PutFunctionConcurrency", names.of_function)
    def put_function_concurrency(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        row = _existing(call, req)
        wanted = req["ReservedConcurrentExecutions"]
        limit = self.house.settings.worker_limit
        least = min(UNRESERVED, limit // 10)
        others = rows.reserved(call.tx) - (row["concurrency"] or 0)
        if wanted > max(0, limit - least - others):
            raise names.invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{least}]: {wanted} of "
                f"{limit}, the server's worker_limit, of which others have reserved {others}."
            )
        rows.change(call.tx, chosen, concurrency=wanted)
        return {"ReservedConcurrentExecutions": wanted}

    @reads("lambda:GetFunctionConcurrency", names.of_function)
    def get_function_concurrency(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        reserved = _existing(call, req)["concurrency"]
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    @writes("lambda:DeleteFunctionConcurrency", names.of_function)
    def delete_function_concurrency(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        _existing(call, req)
        rows.change(call.tx, names.of(call, req), concurrency=None)
        return {}

    @reads("lambda:GetAccountSettings")
    def get_account_settings(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        limit = self.house.settings.worker_limit
        count, size = rows.usage(call.tx, call.account, call.region)
        return {
            "AccountLimit": {
                "TotalCodeSize": size + shutil.disk_usage(self.house.data).free,
                "CodeSizeUnzipped": packages.UNZIPPED,
                "CodeSizeZipped": packages.ZIPPED,
                "ConcurrentExecutions": limit,
                "UnreservedConcurrentExecutions": limit - rows.reserved(call.tx),
            },
            "AccountUsage": {"TotalCodeSize": size, "FunctionCount": count},
        }


def _existing(call: Call, req: Mapping[str, Any]) -> Row:
    chosen = names.of(call, req)
    row = rows.function(call.tx, chosen)
    if row is None:
        raise names.missing(chosen)
    return row
