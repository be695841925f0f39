"""A second PostgreSQL that follows a test's own, as a standby in production does."""

import os
import subprocess
from dataclasses import dataclass, replace

from keep4o_site.stack.children import Child
from keep4o_site.stack.places import Places
from keep4o_site.stack.postgres import USER, Postgres, binaries
from keep4o_site.stack.supervision import Family
from tests.faults.own_postgres import IMMEDIATE


@dataclass(kw_only=True)
class Replica:
    """A standby, and the hand on it."""

    postgres: Postgres
    family: Family
    child: Child

    def kill(self) -> None:
        self.child.process.send_signal(IMMEDIATE)
        self.child.process.wait(30)
        self.family.disown(self.child)

    def start(self) -> None:
        self.child = self.family.adopt(self.postgres.start())

    def reads(self) -> int:
        """This function will say how often its petitions were looked at; PostgreSQL tells it a second later."""
        return int(
            self.postgres.ask(
                "SELECT sum(seq_scan + idx_scan) FROM pg_stat_user_tables WHERE relname = 'petitions_petition'"
            )
        )


def replica_of(primary: Postgres, *, places: Places, family: Family) -> Replica:
    """This function will copy a running server and start the copy as its standby."""
    data, sockets = places.var / "replica", places.var / "replica-sockets"
    standby = replace(primary, data=data, sockets=sockets, log=places.logs / "replica.log")
    data.mkdir(mode=0o700)
    standby.privileges.hand_over(data)
    command = [*standby.privileges.prefix, binaries() / "pg_basebackup", "-h", primary.sockets, "-U", USER, "-D", data]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    options = standby.privileges.popen_options
    subprocess.run([*command, "--write-recovery-conf", "--checkpoint=fast"], check=True, env=env, cwd="/", **options)
    return Replica(postgres=standby, family=family, child=family.adopt(standby.start()))
