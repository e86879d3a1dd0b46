package io.duplex.tck;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.Node;
import org.jboss.shrinkwrap.api.asset.ArchiveAsset;
import org.jboss.shrinkwrap.api.asset.Asset;

/** Loads the classes and resources of a WAR and its libraries, before those of the same name that the test has. */
final class WarClassLoader extends ClassLoader {
    private final Map<String, byte[]> files = new HashMap<>();
    private final Map<String, String> archives = new HashMap<>();

    WarClassLoader(Archive<?> war) {
        super(WarClassLoader.class.getClassLoader());
        read(war, "/WEB-INF/classes/");
    }

    private void read(Archive<?> archive, String root) {
        for (Node node : archive.getContent().values()) {
            Asset asset = node.getAsset();
            String path = node.getPath().get();
            if (asset instanceof ArchiveAsset library) {
                read(library.getArchive(), "/");
            } else if (asset != null && path.startsWith(root)) {
                try (InputStream in = asset.openStream()) {
                    files.put(path.substring(root.length()), in.readAllBytes());
                    archives.put(path.substring(root.length()), archive.getName());
                } catch (IOException e) {
                    throw new IllegalStateException(path + " cannot be read", e);
                }
            }
        }
    }

    /** All classes that can be loaded. */
    Set<Class<?>> all() {
        Set<Class<?>> all = new HashSet<>();
        for (String path : files.keySet()) {
            if (path.endsWith(".class")) {
                try {
                    all.add(loadClass(path.substring(0, path.length() - ".class".length()).replace('/', '.')));
                } catch (ClassNotFoundException | LinkageError e) {
                    System.out.println(path + " is left out: " + e);
                }
            }
        }
        return all;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            byte[] bytes = files.get(name.replace('.', '/') + ".class");
            if (bytes == null) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? defineClass(name, bytes, 0, bytes.length) : loaded;
        }
    }

    @Override
    public URL getResource(String name) {
        URL own = findResource(name);
        return own == null ? super.getResource(name) : own;
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        List<URL> resources = new ArrayList<>();
        URL own = findResource(name);
        if (own != null) {
            resources.add(own);
        }
        resources.addAll(Collections.list(getParent().getResources(name)));
        return Collections.enumeration(resources);
    }

    @Override
    protected URL findResource(String name) {
        byte[] bytes = files.get(name);
        if (bytes == null) {
            return null;
        }
        try {
            return new URL("war", "", -1, "/" + archives.get(name) + "/" + name, new URLStreamHandler() {
                @Override
                protected URLConnection openConnection(URL url) {
                    return new URLConnection(url) {
                        @Override
                        public void connect() {}

                        @Override
                        public InputStream getInputStream() {
                            return new ByteArrayInputStream(bytes);
                        }
                    };
                }
            });
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }
}
