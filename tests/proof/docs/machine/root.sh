# A folder that looks like a fresh server, in namespaces of its own: root.sh ROOT SOCKETS SOURCE [MORE …]
# The system's programs are there to be read; /etc is a copy, all else is new; of the network there is the loopback.
set -eu
root=$1 sockets=$2 source=$3
shift 3
mount --make-rprivate /
cd "$root"
mkdir -p usr proc dev opt home media/safe srv/source host-bin local-bin run/postgresql \
    var/lib/nginx var/log/nginx var/cache var/backups
mkdir -p -m 1777 tmp && mkdir -p -m 0700 root && ln -s ../run var/run && cp -a /etc etc
rm -rf etc/kundenkontor.env etc/nginx/conf.d/kundenkontor.conf etc/systemd/system/kundenkontor*
for name in bin sbin lib lib32 lib64; do
    if [ -L "/$name" ]; then cp -a "/$name" .; elif [ -d "/$name" ]; then mkdir "$name" && mount --bind "/$name" "$name"; fi
done
mount --bind /usr usr && mount -o remount,bind,ro usr
mount --bind /usr/local/bin host-bin
for program in /usr/local/bin/*; do # /usr/local/bin itself must take what the documents put there
    name=${program##*/}
    [ "$name" = kundenkontor ] || [ -e "local-bin/$name" ] || ln -s "/host-bin/$name" "local-bin/$name"
done
mount --bind local-bin usr/local/bin
mount --bind "$sockets" run/postgresql
mount --bind "$source" srv/source
mount --rbind /dev dev
for more in "$@"; do # Python, where it is not below /usr but in somebody's home
    chmod 0711 root
    mkdir -p "./$more" && mount --bind "$more" "./$more"
done
exec chroot . sh -c 'mount -t proc proc /proc; ip link set lo up; trap "" CHLD; echo ready; exec sleep infinity'
